package dev.latente.mundo;

import static dev.latente.mundo.Colour.BLACK;
import static dev.latente.mundo.Colour.BLUE;
import static dev.latente.mundo.Colour.BROWN;
import static dev.latente.mundo.Colour.GREEN;
import static dev.latente.mundo.Colour.GREY;
import static dev.latente.mundo.Colour.ORANGE;
import static dev.latente.mundo.Colour.PINK;
import static dev.latente.mundo.Colour.PURPLE;
import static dev.latente.mundo.Colour.RED;
import static dev.latente.mundo.Colour.WHITE;
import static dev.latente.mundo.Colour.YELLOW;

import java.awt.Graphics2D;
import java.util.List;

/** A single object that a picture shows. */
public enum Thing {
    APPLE,
    BANANA,
    TREE,
    HOUSE,
    CAR,
    BOAT,
    UMBRELLA,
    BALLOON,
    CLOCK,
    CUP,
    GUITAR,
    FLOWER,
    CAKE,
    KEY,
    BOOK,
    HAT,
    LAMP,
    MUSHROOM,
    FISH,
    TEAPOT;

    /** The colours that it is drawn in and captions name, the usual one first. */
    public List<Colour> colours() {
        return switch (this) {
            case APPLE -> List.of(RED, GREEN, YELLOW);
            case BANANA -> List.of(YELLOW, GREEN);
            case TREE -> List.of(GREEN, ORANGE, YELLOW, RED);
            case HOUSE -> List.of(RED, BLUE, YELLOW, WHITE, PINK);
            case CAR -> List.of(RED, BLUE, YELLOW, GREEN, ORANGE, PURPLE);
            case BOAT -> List.of(RED, BLUE, GREEN, ORANGE);
            case UMBRELLA -> List.of(RED, BLUE, YELLOW, GREEN, PURPLE, PINK);
            case BALLOON -> List.of(RED, BLUE, YELLOW, GREEN, PURPLE, ORANGE, PINK);
            case CLOCK -> List.of(BLUE, RED, GREEN, YELLOW);
            case CUP -> List.of(BLUE, RED, WHITE, YELLOW, GREEN);
            case GUITAR -> List.of(BROWN, RED, BLUE, ORANGE);
            case FLOWER -> List.of(RED, YELLOW, PURPLE, PINK, BLUE, WHITE);
            case CAKE -> List.of(PINK, BROWN, WHITE);
            case KEY -> List.of(YELLOW, GREY, RED, BLUE);
            case BOOK -> List.of(BLUE, RED, GREEN, PURPLE, BROWN);
            case HAT -> List.of(BLACK, BLUE, RED, PURPLE);
            case LAMP -> List.of(YELLOW, RED, GREEN, BLUE);
            case MUSHROOM -> List.of(RED, BROWN, PURPLE);
            case FISH -> List.of(ORANGE, BLUE, RED, YELLOW, PURPLE);
            case TEAPOT -> List.of(GREEN, BLUE, RED, WHITE, PURPLE);
        };
    }

    /** Paints this thing in a frame with y down where 1 is its height: x in [-0.6, 0.6], standing on y = 0. */
    public void paint(Graphics2D g, Look look) {
        switch (this) {
            case APPLE -> Toys.apple(g, look);
            case BANANA -> Toys.banana(g, look);
            case TREE -> Toys.tree(g, look);
            case HOUSE -> Toys.house(g, look);
            case CAR -> Toys.car(g, look);
            case BOAT -> Toys.boat(g, look);
            case UMBRELLA -> Toys.umbrella(g, look);
            case BALLOON -> Toys.balloon(g, look);
            case FLOWER -> Toys.flower(g, look);
            case MUSHROOM -> Toys.mushroom(g, look);
            case FISH -> Toys.fish(g, look);
            case CLOCK -> Goods.clock(g, look);
            case CUP -> Goods.cup(g, look);
            case GUITAR -> Goods.guitar(g, look);
            case CAKE -> Goods.cake(g, look);
            case KEY -> Goods.key(g, look);
            case BOOK -> Goods.book(g, look);
            case HAT -> Goods.hat(g, look);
            case LAMP -> Goods.lamp(g, look);
            case TEAPOT -> Goods.teapot(g, look);
        }
    }
}
