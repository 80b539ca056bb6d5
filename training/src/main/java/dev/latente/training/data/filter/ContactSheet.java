package dev.latente.training.data.filter;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.UnreadableExampleException;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Dropped examples at a glance: small pictures, each with its rule, what it objected to, and its name. */
final class ContactSheet {
    private static final int COLUMNS = 8;
    private static final int CELLS = 64;
    private static final int SIDE = 160;
    private static final int MARGIN = 8;
    private static final int LINE = 14;
    private static final int LINES = 3;
    private static final Color PAPER = new Color(0xFAFAF7);
    private static final Color INK = new Color(0x222222);
    private static final Color NOTHING = new Color(0xDDDDD5);

    private ContactSheet() {}

    /** Some examples of each rule. */
    static Picture draw(Dataset data, FilterReport report) {
        List<FilterReport.Dropped> shown = choose(report.byRule().values());
        int rows = Math.max(1, (shown.size() + COLUMNS - 1) / COLUMNS);
        int cellWidth = SIDE + MARGIN;
        int cellHeight = SIDE + LINES * LINE + 2 * MARGIN;
        BufferedImage sheet =
                new BufferedImage(COLUMNS * cellWidth + MARGIN, rows * cellHeight + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, LINE - 3));
        for (int i = 0; i < shown.size(); i++) {
            cell(g, data, shown.get(i), MARGIN + i % COLUMNS * cellWidth, MARGIN + i / COLUMNS * cellHeight);
        }
        g.dispose();
        return Picture.of(sheet);
    }

    /** Takes one of each rule in turn until the sheet is full. */
    private static List<FilterReport.Dropped> choose(Collection<List<FilterReport.Dropped>> byRule) {
        List<Integer> counts = new ArrayList<>();
        byRule.forEach(examples -> counts.add(0));
        int longest = byRule.stream().mapToInt(List::size).max().orElse(0);
        int left = CELLS;
        for (int round = 0; round < longest && left > 0; round++) {
            int rule = 0;
            for (List<FilterReport.Dropped> examples : byRule) {
                if (round < examples.size() && left > 0) {
                    counts.set(rule, round + 1);
                    left--;
                }
                rule++;
            }
        }
        List<FilterReport.Dropped> shown = new ArrayList<>();
        int rule = 0;
        for (List<FilterReport.Dropped> examples : byRule) {
            shown.addAll(examples.subList(0, counts.get(rule++)));
        }
        return shown;
    }

    private static void cell(Graphics2D g, Dataset data, FilterReport.Dropped dropped, int x, int y) {
        g.setColor(NOTHING);
        g.fillRect(x, y, SIDE, SIDE);
        if (dropped.index() >= 0) {
            try {
                Picture picture = data.get(dropped.index()).picture();
                double scale = (double) SIDE / Math.max(picture.width(), picture.height());
                int width = Math.max(1, (int) (picture.width() * scale));
                int height = Math.max(1, (int) (picture.height() * scale));
                Picture small = VaeImages.fit(picture, width, height, VaeImages.Fit.STRETCH);
                g.drawImage(small.toBufferedImage(), x + (SIDE - width) / 2, y + (SIDE - height) / 2, null);
            } catch (UnreadableExampleException e) {
                // The gray square says that there is nothing to see, and the text why.
                g.setColor(NOTHING);
            }
        }
        g.setColor(INK);
        String[] lines = {dropped.rule(), dropped.detail(), dropped.name()};
        for (int i = 0; i < LINES; i++) {
            g.drawString(shortened(g.getFontMetrics(), lines[i]), x, y + SIDE + (i + 1) * LINE);
        }
    }

    private static String shortened(FontMetrics metrics, String text) {
        if (metrics.stringWidth(text) <= SIDE) {
            return text;
        }
        int end = text.length();
        while (end > 0 && metrics.stringWidth(text.substring(0, end) + "…") > SIDE) {
            end--;
        }
        return text.substring(0, end) + "…";
    }
}
