package dev.latente.training.report;

import dev.latente.image.Picture;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures in rows with their captions below. */
final class Gallery {
    private static final int WIDTH = 1200;
    private static final int MARGIN = 28;
    private static final int GAP = 18;
    private static final int TITLE = 74;
    private static final int LINE = 18;
    private static final int LINES = 3;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    private static final FontRenderContext PIXELS = new FontRenderContext(null, true, false);

    private Gallery() {}

    static BufferedImage draw(String title, List<Drawn> drawn) {
        int columns = columns(drawn);
        int cell = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns;
        int rows = (drawn.size() + columns - 1) / columns;
        int picture = drawn.stream()
                .mapToInt(d -> cell * d.picture().height() / d.picture().width())
                .max()
                .orElse(0);
        List<List<String>> captions =
                drawn.stream().map(d -> wrapped(d.caption(), cell)).toList();
        int lines = captions.stream().mapToInt(List::size).max().orElse(0);
        int row = picture + 10 + lines * LINE + GAP;
        BufferedImage image = new BufferedImage(WIDTH, TITLE + rows * row + MARGIN - GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = Chart.canvas(image);
        Chart.text(g, title, Font.BOLD, 26, Chart.INK, MARGIN, 46);
        for (int i = 0; i < drawn.size(); i++) {
            int x = MARGIN + i % columns * (cell + GAP);
            int y = TITLE + i / columns * row;
            Picture p = drawn.get(i).picture();
            g.drawImage(p.toBufferedImage(), x, y, cell, cell * p.height() / p.width(), null);
            List<String> caption = captions.get(i);
            for (int j = 0; j < caption.size(); j++) {
                Chart.text(g, caption.get(j), Font.PLAIN, FONT.getSize(), Chart.GRAY, x, y + picture + 20 + j * LINE);
            }
        }
        g.dispose();
        return image;
    }

    /** About as many columns as rows, where pictures are square; fewer where they are wide. */
    private static int columns(List<Drawn> drawn) {
        double aspect = drawn.stream()
                .mapToDouble(d -> (double) d.picture().width() / d.picture().height())
                .max()
                .orElse(1);
        int columns = (int) Math.ceil(Math.sqrt(drawn.size() / aspect));
        return Math.max(1, Math.min(6, Math.max(columns, Math.min(drawn.size(), aspect > 1.5 ? 2 : 4))));
    }

    /** The words in lines of that width, in pixels; what does not fit ends in an ellipsis. */
    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (line.length() > 0
                    && FONT.getStringBounds(line + " " + word, PIXELS).getWidth() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        if (lines.size() <= LINES) {
            return lines;
        }
        List<String> cut = new ArrayList<>(lines.subList(0, LINES));
        cut.set(LINES - 1, cut.get(LINES - 1) + " …");
        return cut;
    }
}
