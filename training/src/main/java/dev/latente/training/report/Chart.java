package dev.latente.training.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/**
 * Lines over the steps of a run.
 *
 * @param subtitle what is drawn, in small print
 * @param lines the first one below
 */
record Chart(String title, String subtitle, List<Line> lines) {
    /** Of a line of raw values, behind its smoothed one. */
    static final Color PALE = new Color(0xBFD3F2);

    static final Color STRONG = new Color(0x1F5FBF);

    /** What charts and grids are written in. */
    static final Color INK = new Color(0x1C2430);

    static final Color GRAY = new Color(0x6B7480);

    private static final Color RULE = new Color(0xE4E7EB);
    private static final int LEFT = 92;
    private static final int RIGHT = 36;
    private static final int TOP = 92;
    private static final int BOTTOM = 70;

    /**
     * A line.
     *
     * @param name for the legend
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Line(String name, Color colour, float width, double[] steps, double[] values) {
        double last() {
            return steps.length == 0 ? 0 : steps[steps.length - 1];
        }

        /** The values at those ranks of the sorted finite ones, as fractions. */
        double[] quantiles(double... ranks) {
            double[] sorted =
                    Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
            return Arrays.stream(ranks)
                    .map(r -> sorted.length == 0 ? 0 : sorted[(int) Math.round(r * (sorted.length - 1))])
                    .toArray();
        }
    }

    /** Draws it, in pixels. */
    BufferedImage draw(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = canvas(image);
        text(g, title, Font.BOLD, 26, INK, LEFT, 42);
        text(g, subtitle, Font.PLAIN, 16, GRAY, LEFT, 68);
        Axis x = Axis.steps(lines.stream().mapToDouble(Line::last).max().orElse(1));
        Axis y = vertical();
        Frame frame = new Frame(width - LEFT - RIGHT, height - TOP - BOTTOM);
        drawAxes(g, frame, x, y);
        g.setClip(LEFT, TOP - 2, frame.width + 2, frame.height + 4);
        lines.forEach(line -> drawLine(g, frame, x, y, line));
        g.setClip(null);
        drawLegend(g, width);
        g.dispose();
        return image;
    }

    /** A white picture to draw on, with smooth edges. */
    static Graphics2D canvas(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        return g;
    }

    /** Writes at the left end of a base line. */
    static void text(Graphics2D g, String text, int style, int size, Color colour, int x, int y) {
        g.setFont(new Font(Font.SANS_SERIF, style, size));
        g.setColor(colour);
        g.drawString(text, x, y);
    }

    private record Frame(int width, int height) {
        double x(double place) {
            return LEFT + place * width;
        }

        double y(double place) {
            return TOP + (1 - place) * height;
        }
    }

    /** Holds nearly all that is drawn: a few outliers of the raw values may leave the picture. */
    private Axis vertical() {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < lines.size(); i++) {
            boolean top = i == lines.size() - 1;
            double[] range = lines.get(i).quantiles(top ? 0 : 0.003, top ? 1 : 0.997);
            min = Math.min(min, range[0]);
            max = Math.max(max, range[1]);
        }
        return lines.isEmpty() ? new Axis(0, 1, false) : Axis.around(min, max);
    }

    private static void drawAxes(Graphics2D g, Frame frame, Axis x, Axis y) {
        g.setStroke(new BasicStroke(1));
        for (double mark : y.marks(6)) {
            double at = frame.y(y.place(mark));
            g.setColor(RULE);
            g.draw(new Line2D.Double(LEFT, at, LEFT + frame.width, at));
            String label = Axis.label(mark);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
            text(g, label, Font.PLAIN, 15, GRAY, LEFT - 12 - g.getFontMetrics().stringWidth(label), (int) at + 5);
        }
        int bottom = TOP + frame.height;
        for (double mark : x.marks(8)) {
            double at = frame.x(x.place(mark));
            g.setColor(GRAY);
            g.draw(new Line2D.Double(at, bottom, at, bottom + 6));
            centred(g, Axis.label(mark), (int) at, bottom + 25);
        }
        g.setColor(GRAY);
        g.draw(new Line2D.Double(LEFT, bottom, LEFT + frame.width, bottom));
        centred(
                g,
                y.logarithmic() ? "step  (values on a logarithmic scale)" : "step",
                LEFT + frame.width / 2,
                bottom + 52);
    }

    private static void centred(Graphics2D g, String label, int x, int y) {
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
        FontMetrics metrics = g.getFontMetrics();
        text(g, label, Font.PLAIN, 15, GRAY, x - metrics.stringWidth(label) / 2, y);
    }

    /** Where many steps share a column of pixels, only its extremes are drawn: nothing is lost and the path stays short. */
    private static void drawLine(Graphics2D g, Frame frame, Axis x, Axis y, Line line) {
        Path2D path = new Path2D.Double();
        int n = line.steps.length;
        for (int i = 0; i < n; ) {
            int column = (int) frame.x(x.place(line.steps[i]));
            double at = frame.x(x.place(line.steps[i]));
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (; i < n && (int) frame.x(x.place(line.steps[i])) == column; i++) {
                if (Double.isFinite(line.values[i])) {
                    low = Math.min(low, frame.y(y.place(line.values[i])));
                    high = Math.max(high, frame.y(y.place(line.values[i])));
                }
            }
            if (low <= high) {
                to(path, at, low);
                to(path, at, high);
            }
        }
        g.setColor(line.colour);
        g.setStroke(new BasicStroke(line.width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(path);
    }

    private static void to(Path2D path, double x, double y) {
        if (path.getCurrentPoint() == null) {
            path.moveTo(x, y);
        } else {
            path.lineTo(x, y);
        }
    }

    private void drawLegend(Graphics2D g, int width) {
        int right = width - RIGHT;
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
        for (int i = lines.size() - 1; i >= 0 && lines.size() > 1; i--) {
            Line line = lines.get(i);
            int w = g.getFontMetrics().stringWidth(line.name);
            text(g, line.name, Font.PLAIN, 16, GRAY, right - w, 68);
            g.setColor(line.colour);
            g.setStroke(new BasicStroke(4, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            g.draw(new Line2D.Double(right - w - 34, 63, right - w - 10, 63));
            right -= w + 60;
        }
    }
}
