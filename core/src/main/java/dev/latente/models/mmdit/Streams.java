package dev.latente.models.mmdit;

import org.bytedeco.pytorch.Tensor;

/**
 * The two sequences that a block works on.
 *
 * @param picture patches [B,n,size]
 * @param text tokens [B,m,size]
 */
public record Streams(Tensor picture, Tensor text) {
    /** The same text beside another picture. */
    public Streams withPicture(Tensor other) {
        return new Streams(other, text);
    }
}
