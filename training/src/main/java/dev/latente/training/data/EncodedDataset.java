package dev.latente.training.data;

import dev.latente.pipelines.Size;

/** A dataset whose pictures are stored as files are: PNG, JPEG, WebP, BMP or GIF. */
public interface EncodedDataset extends Dataset {
    /**
     * Reads an example without decoding its picture.
     *
     * @throws UnreadableExampleException if it is not there
     */
    Encoded encoded(int index);

    @Override
    default Size pictureSize(int index) {
        return encoded(index).size();
    }

    @Override
    default Example get(int index) {
        return encoded(index).decode();
    }
}
