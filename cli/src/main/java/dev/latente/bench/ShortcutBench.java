package dev.latente.bench;

import dev.latente.image.Picture;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What shortcuts are worth: the same picture drawn without and with them, by turns, from the prompt to the pixels. */
public final class ShortcutBench {
    private ShortcutBench() {}

    /**
     * Medians.
     *
     * @param whole seconds without shortcuts
     * @param shortened seconds with them
     * @param psnr of one picture against the other in dB; infinite if they are the same
     */
    public record Result(double whole, double shortened, double psnr) {
        /** As JSON has it. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("whole_seconds", whole);
            map.put("shortened_seconds", shortened);
            map.put("speed_up", whole / shortened);
            map.put("psnr", Double.isInfinite(psnr) ? null : psnr);
            return map;
        }
    }

    /** Draws each {@code repeat} times after a warm-up. */
    public static Result run(Checkpoint checkpoint, Request whole, Request shortened, int repeat) {
        TextToImage pipeline = new TextToImage(checkpoint);
        List<Picture> plain = pipeline.generate(whole);
        List<Picture> shorter = pipeline.generate(shortened);
        double[] a = new double[repeat];
        double[] b = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            a[i] = seconds(pipeline, whole);
            b[i] = seconds(pipeline, shortened);
        }
        return new Result(median(a), median(b), psnr(plain.get(0), shorter.get(0)));
    }

    private static double seconds(TextToImage pipeline, Request request) {
        long start = System.nanoTime();
        pipeline.generate(request);
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] seconds) {
        Arrays.sort(seconds);
        int n = seconds.length;
        return (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
    }

    private static double psnr(Picture a, Picture b) {
        return Scopes.within(() -> {
            Tensor difference = a.toTensor().sub(b.toTensor());
            return -10 * Math.log10(Ops.doubles(difference.square().mean())[0]);
        });
    }
}
