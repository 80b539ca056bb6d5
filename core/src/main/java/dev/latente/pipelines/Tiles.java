package dev.latente.pipelines;

import dev.latente.image.Masks.Region;
import java.util.ArrayList;
import java.util.List;

/**
 * Parts of a picture that are worked on one after the other, so that memory is bounded by the part and not by the picture.
 * Each is seen with what is around it, and what comes of the surroundings is cut off: where these are as wide as a network
 * can look, the parts fit together as if they were one.
 *
 * @param size side of a part in pixels
 * @param overlap width of the surroundings in pixels
 */
public record Tiles(int size, int overlap) {
    public Tiles {
        if (size < 1 || overlap < 0) {
            throw new IllegalArgumentException(
                    "tiles: got size [%d] and overlap [%d], wanted at least 1 and 0".formatted(size, overlap));
        }
    }

    /**
     * One part.
     *
     * @param core what is kept of it
     * @param seen the core and its surroundings, as far as the picture goes
     */
    public record Tile(Region core, Region seen) {}

    /** The parts of a picture of that size, row by row from the top; they begin at multiples of {@code unit} pixels. */
    public List<Tile> over(int width, int height, int unit) {
        int step = (size + unit - 1) / unit * unit;
        int around = (overlap + unit - 1) / unit * unit;
        List<Tile> tiles = new ArrayList<>();
        for (int top = 0; top < height; top += step) {
            for (int left = 0; left < width; left += step) {
                Region core = new Region(left, top, Math.min(step, width - left), Math.min(step, height - top));
                int x = Math.max(0, left - around);
                int y = Math.max(0, top - around);
                int right = Math.min(width, left + core.width() + around);
                int bottom = Math.min(height, top + core.height() + around);
                tiles.add(new Tile(core, new Region(x, y, right - x, bottom - y)));
            }
        }
        return tiles;
    }
}
