package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Prompt;

/** A picture that was drawn for a prompt with a seed, and how well it shows what was asked for. */
public record Sample(Prompt prompt, long seed, Picture picture, Marks marks) {}
