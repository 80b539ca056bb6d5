package dev.latente.image;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Skeletons on black in the colours that networks for poses are trained with, from the key points that OpenPose writes as JSON
 * (Cao et al. 2019): bodies of 18 or 25 points, hands of 21, faces of 70.
 */
public final class Poses {
    /** Pairs of points, numbered as in a body of 18. */
    private static final int[][] LIMBS = {
        {1, 2}, {1, 5}, {2, 3}, {3, 4}, {5, 6}, {6, 7}, {1, 8}, {8, 9}, {9, 10}, {1, 11}, {11, 12}, {12, 13}, {1, 0},
        {0, 14}, {14, 16}, {0, 15}, {15, 17}
    };

    /** Where a body of 25 points, which has a hip between the hips, and feet, has those of 18. */
    private static final int[] OF_25 = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

    private static final int BODY = 18;
    private static final double STICK = 4; // half the width of a limb, and the radius of a joint

    private final Graphics2D canvas;
    private final double scaleX;
    private final double scaleY;

    private Poses(Graphics2D canvas, double scaleX, double scaleY) {
        this.canvas = canvas;
        this.scaleX = scaleX;
        this.scaleY = scaleY;
    }

    /** @param sure how sure the detector was; 0 for a point that it did not find */
    private record Point(double x, double y, double sure) {}

    /**
     * Draws all people of a file.
     *
     * @param json {@code people}, or a list of such objects with one; points in pixels of {@code canvas_width} and
     *     {@code canvas_height} where they are given, else of the picture; as fractions if none is above 1
     * @param size width and height of the picture in pixels, or null for those of the canvas
     * @throws IllegalArgumentException if there are no people, a list of points has another length, or no size is known
     */
    public static Picture draw(JsonNode json, int @Nullable [] size) {
        JsonNode file = json.isArray() ? json.path(0) : json;
        JsonNode people = file.path("people");
        if (!people.isArray()) {
            throw new IllegalArgumentException("pose: got no list [people], wanted the JSON that OpenPose writes");
        }
        int canvasWidth = file.path("canvas_width").asInt(0);
        int canvasHeight = file.path("canvas_height").asInt(0);
        int width = size == null ? canvasWidth : size[0];
        int height = size == null ? canvasHeight : size[1];
        if (width < 1 || height < 1 || (long) width * height > 1 << 28) {
            throw new IllegalArgumentException(
                    "pose: got a picture of [%dx%d], wanted one: give --size WIDTHxHEIGHT".formatted(width, height));
        }
        boolean fractions = people.valueStream().allMatch(Poses::isInFractions);
        double fromWidth = fractions ? 1 : canvasWidth > 0 ? canvasWidth : width;
        double fromHeight = fractions ? 1 : canvasHeight > 0 ? canvasHeight : height;
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = image.createGraphics();
        try {
            Poses poses = new Poses(canvas, width / fromWidth, height / fromHeight);
            people.forEach(poses::person);
        } finally {
            canvas.dispose();
        }
        return Picture.of(image);
    }

    private static boolean isInFractions(JsonNode person) {
        return person.valueStream()
                .filter(JsonNode::isArray)
                .allMatch(points -> points.valueStream().allMatch(n -> n.asDouble(0) <= 1));
    }

    private void person(JsonNode person) {
        List<Point> body = points(person, "pose_keypoints_2d");
        if (body.size() == OF_25.length + 7) {
            List<Point> all = body;
            body = IntStream.of(OF_25).mapToObj(all::get).toList();
        }
        if (!body.isEmpty() && body.size() != BODY) {
            throw new IllegalArgumentException(
                    "pose: got a body of [%d] points, wanted 18 or 25".formatted(body.size()));
        }
        body(body);
        hand(points(person, "hand_left_keypoints_2d"));
        hand(points(person, "hand_right_keypoints_2d"));
        points(person, "face_keypoints_2d").forEach(p -> dot(p, 3, Color.WHITE));
    }

    private List<Point> points(JsonNode person, String name) {
        JsonNode numbers = person.path(name);
        if (numbers.size() % 3 != 0) {
            throw new IllegalArgumentException(
                    "pose: [%s] has [%d] numbers, wanted three for each point".formatted(name, numbers.size()));
        }
        return IntStream.range(0, numbers.size() / 3)
                .mapToObj(i -> new Point(
                        numbers.get(3 * i).asDouble(0) * scaleX,
                        numbers.get(3 * i + 1).asDouble(0) * scaleY,
                        numbers.get(3 * i + 2).asDouble(0)))
                .toList();
    }

    private void body(List<Point> points) {
        for (int i = 0; i < LIMBS.length && !points.isEmpty(); i++) {
            Point a = points.get(LIMBS[i][0]);
            Point b = points.get(LIMBS[i][1]);
            if (a.sure > 0 && b.sure > 0) {
                limb(a, b, rainbow(i));
            }
        }
        for (int i = 0; i < points.size(); i++) {
            dot(points.get(i), STICK, rainbow(i));
        }
    }

    /** The colour of a limb or a joint: 18 steps around the circle, of which the last two thirds come back to red. */
    private static Color rainbow(int index) {
        return Color.getHSBColor(index / (float) BODY, 1, 1);
    }

    /** An ellipse between two points, darker than its colour. */
    private void limb(Point a, Point b, Color colour) {
        double length = Math.hypot(b.x - a.x, b.y - a.y);
        AffineTransform turn = AffineTransform.getTranslateInstance((a.x + b.x) / 2, (a.y + b.y) / 2);
        turn.rotate(Math.atan2(b.y - a.y, b.x - a.x));
        Shape ellipse = turn.createTransformedShape(new Ellipse2D.Double(-length / 2, -STICK, length, 2 * STICK));
        canvas.setColor(new Color(
                (int) (colour.getRed() * 0.6), (int) (colour.getGreen() * 0.6), (int) (colour.getBlue() * 0.6)));
        canvas.fill(ellipse);
    }

    /** Five fingers of four bones, each bone in a colour of its own. */
    private void hand(List<Point> points) {
        if (!points.isEmpty() && points.size() != 21) {
            throw new IllegalArgumentException("pose: got a hand of [%d] points, wanted 21".formatted(points.size()));
        }
        for (int i = 0; i < points.size() - 1; i++) {
            Point a = points.get(i % 4 == 0 ? 0 : i);
            Point b = points.get(i + 1);
            if (a.sure > 0 && b.sure > 0) {
                canvas.setColor(Color.getHSBColor(i / 20f, 1, 1));
                canvas.setStroke(new BasicStroke(2));
                canvas.draw(new Line2D.Double(a.x, a.y, b.x, b.y));
            }
        }
        points.forEach(p -> dot(p, STICK, Color.BLUE));
    }

    private void dot(Point p, double radius, Color colour) {
        if (p.sure > 0) {
            canvas.setColor(colour);
            canvas.fill(new Ellipse2D.Double(p.x - radius, p.y - radius, 2 * radius, 2 * radius));
        }
    }
}
