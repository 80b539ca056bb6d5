package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures side by side with what is said about them. */
final class Sheet {
    private static final int SIDE = 128;
    private static final int FRAME = 4;
    private static final int MARGIN = 8;
    private static final int LINE = 13;
    private static final int LINES = 5;
    private static final Color PAPER = new Color(0xFAFAF7);
    private static final Color INK = new Color(0x222222);
    static final Color RIGHT = new Color(0x2E9E4F);
    static final Color WRONG = new Color(0xD0342C);

    private Sheet() {}

    /**
     * One field.
     *
     * @param frame its colour
     * @param text below the picture, broken into at most three lines
     * @param note in the colour of the frame below the text, in at most two lines; may be empty
     */
    record Cell(Picture picture, Color frame, String text, String note) {}

    /** The cells in rows. */
    static Picture draw(List<Cell> cells, int columns) {
        int width = SIDE + 2 * FRAME + MARGIN;
        int height = SIDE + 2 * FRAME + MARGIN + LINES * LINE;
        int rows = Math.max(1, (cells.size() + columns - 1) / columns);
        BufferedImage sheet =
                new BufferedImage(columns * width + MARGIN, rows * height + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(PAPER);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, LINE - 2));
        for (int i = 0; i < cells.size(); i++) {
            cell(g, cells.get(i), MARGIN + i % columns * width, MARGIN + i / columns * height);
        }
        g.dispose();
        return Picture.of(sheet);
    }

    private static void cell(Graphics2D g, Cell cell, int x, int y) {
        int outer = SIDE + 2 * FRAME;
        g.setColor(cell.frame);
        g.fillRect(x, y, outer, outer);
        g.drawImage(cell.picture.toBufferedImage(), x + FRAME, y + FRAME, SIDE, SIDE, null);
        int base = y + outer + LINE - 2;
        g.setColor(INK);
        for (String line : broken(g, cell.text, outer, 3)) {
            g.drawString(line, x, base);
            base += LINE;
        }
        g.setColor(cell.frame);
        for (String line : broken(g, cell.note, outer, 2)) {
            g.drawString(line, x, base);
            base += LINE;
        }
    }

    /** As many words in each line as fit. */
    private static List<String> broken(Graphics2D g, String text, int width, int most) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.split(" ", -1)) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (g.getFontMetrics().stringWidth(longer) <= width || line.isEmpty()) {
                line = longer;
            } else {
                lines.add(line);
                line = word;
            }
        }
        lines.add(line);
        return lines.subList(0, Math.min(lines.size(), most));
    }
}
