package dev.latente.mundo;

import dev.latente.image.Picture;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pictures of the world with captions in both languages: example i is that of seed first + i, drawn when it is asked for. */
public final class MundoDataset implements Dataset {
    private static final int CAPTIONS = 4;

    private final long first;
    private final int size;

    public MundoDataset(long first, int size) {
        this.first = first;
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String name(int index) {
        return Long.toString(first + index);
    }

    @Override
    public dev.latente.pipelines.Size pictureSize(int index) {
        return new dev.latente.pipelines.Size(Painter.SIZE, Painter.SIZE);
    }

    @Override
    public Example get(int index) {
        long seed = first + index;
        Scene scene = World.scene(seed);
        SplittableRandom random = new SplittableRandom(~seed);
        List<String> captions = new ArrayList<>();
        for (Language language : Language.values()) {
            for (int i = 0; i < CAPTIONS; i++) {
                captions.add(Captions.of(scene, random, language));
            }
        }
        return new Example(name(index), Picture.of(Painter.paint(scene, seed)), captions);
    }
}
