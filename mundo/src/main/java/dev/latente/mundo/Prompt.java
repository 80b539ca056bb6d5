package dev.latente.mundo;

/** A text to draw, and what its picture has to show. */
public record Prompt(String text, Language language, Scene scene) {}
