package dev.latente.pipelines;

import dev.latente.image.Masks.Region;
import dev.latente.image.Picture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parts of the canvas that the network sees for itself in every step, whose predictions are averaged by weights where they
 * overlap (MultiDiffusion, Bar-Tal et al. 2023, section 4; Mixture of Diffusers, Barbero Jiménez 2023).
 *
 * @param window of which size the whole canvas is seen, or null for at once
 * @param regions with prompts of their own
 */
public record Views(@Nullable Window window, List<RegionPrompt> regions) {
    /** The whole canvas at once. */
    public static final Views WHOLE = new Views(null, List.of());

    public Views {
        regions = List.copyOf(regions);
    }

    /**
     * Windows that overlap, so that memory is bounded by the window and not by the picture.
     *
     * @param side in pixels
     * @param overlap of neighbours, at least, in pixels
     */
    public record Window(int side, int overlap) {
        public Window {
            if (side < 1 || overlap < 0 || overlap >= side) {
                throw new IllegalArgumentException(
                        "tiled diffusion: got windows of [%d] pixels with an overlap of [%d], wanted less overlap than window"
                                .formatted(side, overlap));
            }
        }

        /** Reads {@code 512} or {@code 512,64}; the overlap is a quarter where it is left out. */
        public static Window parse(String text) {
            String[] numbers = text.split(",", -1);
            try {
                int side = Integer.parseInt(numbers[0].strip());
                return new Window(side, numbers.length == 1 ? side / 4 : Integer.parseInt(numbers[1].strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "tiled diffusion: got [%s], wanted SIDE or SIDE,OVERLAP in pixels such as 512,64"
                                .formatted(text),
                        e);
            }
        }

        /** Windows over a canvas of latents, in latents: as many as are needed, at even distances. */
        List<Region> over(int width, int height, int factor) {
            int most = Math.max(1, side / factor);
            List<Region> windows = new ArrayList<>();
            for (int y : starts(height, most, overlap / factor)) {
                for (int x : starts(width, most, overlap / factor)) {
                    windows.add(new Region(x, y, Math.min(most, width), Math.min(most, height)));
                }
            }
            return windows;
        }

        private static List<Integer> starts(int length, int side, int overlap) {
            if (length <= side) {
                return List.of(0);
            }
            int steps = (int) Math.ceil((length - side) / (double) (side - Math.min(overlap, side - 1)));
            List<Integer> starts = new ArrayList<>();
            for (int i = 0; i <= steps; i++) {
                starts.add((int) Math.round((length - side) * (double) i / steps));
            }
            return starts;
        }
    }

    /**
     * A prompt for a part of the canvas.
     *
     * @param text read as the prompt of the request is, whose negative one counts here, too
     * @param where in pixels
     * @param mask white where the part is, stretched over {@code where}; or null for all of it
     */
    public record RegionPrompt(
            String text, Region where, @Nullable Picture mask) {
        /** Reads {@code x,y,width,height: prompt}, in pixels. */
        public static RegionPrompt parse(String text) {
            int colon = text.indexOf(':');
            String[] numbers = text.substring(0, Math.max(0, colon)).split(",", -1);
            try {
                if (numbers.length == 4) {
                    int[] n = new int[4];
                    for (int i = 0; i < 4; i++) {
                        n[i] = Integer.parseInt(numbers[i].strip());
                    }
                    if (n[2] > 0 && n[3] > 0) {
                        return new RegionPrompt(
                                text.substring(colon + 1).strip(), new Region(n[0], n[1], n[2], n[3]), null);
                    }
                }
            } catch (NumberFormatException e) {
                throw wrong(text, e);
            }
            throw wrong(text, null);
        }

        private static IllegalArgumentException wrong(String text, @Nullable Exception cause) {
            return new IllegalArgumentException(
                    "region: got [%s], wanted \"X,Y,WIDTH,HEIGHT: PROMPT\" in pixels such as \"0,0,256,512: a lighthouse\""
                            .formatted(text),
                    cause);
        }

        private RegionPrompt scaled(double factor) {
            int x = (int) Math.round(where.x() * factor);
            int y = (int) Math.round(where.y() * factor);
            int right = (int) Math.round((where.x() + where.width()) * factor);
            int bottom = (int) Math.round((where.y() + where.height()) * factor);
            return new RegionPrompt(text, new Region(x, y, right - x, bottom - y), mask);
        }

        /** In latents of a canvas of that size. */
        Region within(int width, int height, int factor) {
            int x = Math.floorDiv(where.x(), factor);
            int y = Math.floorDiv(where.y(), factor);
            int right = -Math.floorDiv(-(where.x() + where.width()), factor);
            int bottom = -Math.floorDiv(-(where.y() + where.height()), factor);
            if (x < 0 || y < 0 || right > width || bottom > height) {
                throw new IllegalArgumentException("region %d,%d,%d,%d: lies outside of the picture of %dx%d pixels"
                        .formatted(
                                where.x(), where.y(), where.width(), where.height(), width * factor, height * factor));
            }
            return new Region(x, y, right - x, bottom - y);
        }
    }

    /** For a canvas whose sides are larger by that factor; windows stay as they are. */
    Views scaled(double factor) {
        return withRegions(regions.stream().map(r -> r.scaled(factor)).toList());
    }

    public Views withWindow(@Nullable Window value) {
        return new Views(value, regions);
    }

    public Views withRegions(List<RegionPrompt> value) {
        return new Views(window, value);
    }
}
