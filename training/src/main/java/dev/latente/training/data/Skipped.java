package dev.latente.training.data;

/**
 * An example that was left out.
 *
 * @param name of the example
 * @param reason why, in one line
 */
public record Skipped(String name, String reason) {}
