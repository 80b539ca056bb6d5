package dev.latente.mundo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Paints a scene in flat colours; what the scene leaves open (sizes, positions, tones, facing) follows from a seed. */
public final class Painter {

    /** The width and height of a picture in pixels. */
    public static final int SIZE = Backdrop.SIZE;

    private static final double TALLEST = 92;

    private final Graphics2D g;
    private final RandomGenerator random;

    private Painter(Graphics2D g, RandomGenerator random) {
        this.g = g;
        this.random = random;
    }

    /** The picture of a scene in 128x128 pixels of sRGB; the same scene and seed give the same picture. */
    public static BufferedImage paint(Scene scene, long seed) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        new Painter(g, new SplittableRandom(seed)).paint(scene);
        g.dispose();
        return image;
    }

    private void paint(Scene scene) {
        if (scene instanceof Scene.Ride ride) {
            in(ride.setting(), () -> ride(ride.rider(), ride.mount()));
        } else if (scene instanceof Scene.Portrait portrait) {
            in(portrait.setting(), () -> portrait(portrait.subject(), portrait.pose()));
        } else if (scene instanceof Scene.Alone alone) {
            in(alone.setting(), () -> alone(alone.mount()));
        } else if (scene instanceof Scene.Still still) {
            in(still.setting(), () -> thing(still.thing(), still.colour()));
        } else if (scene instanceof Scene.Studio studio) {
            studio(studio);
        } else if (scene instanceof Scene.Group group) {
            group(group);
        } else if (scene instanceof Scene.Pair pair) {
            pair(pair);
        }
    }

    private void in(Setting setting, Runnable figures) {
        setting.place().paint(g, setting.light(), random);
        if (setting.weather() == Weather.FOG) {
            setting.weather().paint(g, random);
            figures.run();
        } else {
            figures.run();
            setting.weather().paint(g, random);
        }
    }

    private void ride(Subject rider, Mount mount) {
        double above = mount.standing() ? 1 : 0.72;
        double height = Math.min(TALLEST / (above - mount.seatY() * mount.size()), 94 / mount.size());
        height = Math.min(height, 70) * about(0.95, 0.07);
        double length = height * mount.size();
        Graphics2D frame = figure(length, flies(mount), above * height - mount.seatY() * length);
        mount.paint(frame, Look.of(mount.usual(), random));
        frame.translate(mount.seatX(), mount.seatY());
        frame.scale(1 / mount.size(), 1 / mount.size());
        rider.paint(frame, mount.standing() ? Pose.STANDING : Pose.RIDING, Look.of(rider.usual(), random));
    }

    private void portrait(Subject subject, Pose pose) {
        double height = about(80, 8);
        subject.paint(figure(height, false, height), pose, Look.of(subject.usual(), random));
    }

    private void alone(Mount mount) {
        double length = about(58, 4) * mount.size();
        mount.paint(figure(length, flies(mount), length), Look.of(mount.usual(), random));
    }

    private void thing(Thing thing, Colour colour) {
        double height = about(72, 8);
        thing.paint(figure(height, false, height), Look.of(colour, random));
    }

    /**
     * The frame of a figure on its shadow: the origin between its feet, one unit so many pixels, mirrored half of the time.
     *
     * @param height how far the figure reaches above the ground, in pixels: what flies rises no higher than the canvas
     */
    private Graphics2D figure(double unit, boolean flies, double height) {
        double x = SIZE / 2.0 + about(0, 7);
        double y = Place.GROUND + about(2, 3);
        double lift = flies ? Math.max(0, Math.min(about(7, 5), y - height - 4)) : 0;
        double half = 0.42 * unit * (1 - lift / 40);
        new Pen(g, 0).oval(new Color(20, 18, 40, 64), x, y, half, half * 0.12 + 1);
        Graphics2D frame = (Graphics2D) g.create();
        frame.translate(x, y - lift);
        frame.scale(random.nextBoolean() ? unit : -unit, unit);
        return frame;
    }

    private void studio(Scene.Studio studio) {
        Color wall = soft(studio.background());
        new Pen(g, 0).fade(Look.mix(wall, 0.25), wall, 0, 0, SIZE, SIZE);
        thing(studio.thing(), studio.colour());
    }

    private void group(Scene.Group group) {
        backdrop(group.background());
        double cell = group.item().size() == Size.BIG ? 60 : about(42, 5);
        double x = SIZE / 2.0 + about(0, group.count() == 1 ? 16 : 3);
        double y = SIZE / 2.0 + about(0, group.count() == 1 ? 16 : 3);
        for (double[] at : layout(group.count())) {
            shape(group.item(), x + at[0] * cell / 2 + about(0, 1.5), y + at[1] * cell / 2 + about(0, 1.5), 1);
        }
    }

    /** Where so many shapes lie, in half cells from the middle. */
    private double[][] layout(int count) {
        boolean row = random.nextBoolean();
        return switch (count) {
            case 1 -> new double[][] {{0, 0}};
            case 2 -> row ? new double[][] {{-1, 0}, {1, 0}} : new double[][] {{-1, -0.7}, {1, 0.7}};
            case 3 -> row ? new double[][] {{0, -1}, {-1, 1}, {1, 1}} : new double[][] {{-1, -1}, {1, -1}, {0, 1}};
            default -> new double[][] {{-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
        };
    }

    private void pair(Scene.Pair pair) {
        backdrop(pair.background());
        double x = SIZE / 2.0 + about(0, 6);
        double y = SIZE / 2.0 + about(0, 6);
        if (pair.relation() == Relation.INSIDE) {
            shape(pair.second(), x, y, 1.7);
            shape(pair.first(), x, y, 1);
            return;
        }
        int sign = pair.relation() == Relation.ABOVE || pair.relation() == Relation.LEFT_OF ? -1 : 1;
        boolean upright = pair.relation() == Relation.ABOVE || pair.relation() == Relation.BELOW;
        double gap = (pair.first().size().pixels() + pair.second().size().pixels()) / 4.0 + about(5.5, 1.5);
        if (upright) {
            y = SIZE / 2.0 + about(0, 2);
        } else {
            x = SIZE / 2.0 + about(0, 2);
        }
        double dx = upright ? about(0, 3) : sign * gap;
        double dy = upright ? sign * gap : about(0, 3);
        shape(pair.second(), x - dx, y - dy, 1);
        shape(pair.first(), x + dx, y + dy, 1);
    }

    private void backdrop(Colour background) {
        new Pen(g, 0).box(soft(background), 0, 0, SIZE, SIZE);
    }

    private void shape(ShapeItem item, double x, double y, double scale) {
        double size = item.size().pixels() * scale * about(1, 0.04);
        Look look = Look.of(item.colour(), random);
        new Pen(g, 2.2).fill(look.body(), item.kind().shape(x, y, size));
    }

    private static boolean flies(Mount mount) {
        return mount == Mount.DRAGON || mount == Mount.ROCKET;
    }

    private static Color soft(Colour colour) {
        return Look.mix(colour.awt(), 0.68);
    }

    private double about(double centre, double spread) {
        return centre + spread * (2 * random.nextDouble() - 1);
    }
}
