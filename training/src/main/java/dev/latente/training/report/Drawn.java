package dev.latente.training.report;

import dev.latente.image.Picture;

/** A picture that shows how far a run is, and what it was drawn from. */
public record Drawn(String caption, Picture picture) {}
