package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;

/** A network with classifier-free guidance, for one run. Not thread-safe. */
interface GuidedNetwork extends Denoiser, AutoCloseable {
    @Override
    void close();
}
