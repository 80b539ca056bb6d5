package dev.latente.diffusion;

/** Functions rounded to fp32: the coefficients of the solvers cancel, so they are computed in the reference's precision. */
final class Fp32 {
    private Fp32() {}

    static float exp(float x) {
        return (float) Math.exp(x);
    }

    static float expm1(float x) {
        return (float) Math.expm1(x);
    }

    static float log(float x) {
        return (float) Math.log(x);
    }

    static float sqrt(float x) {
        return (float) Math.sqrt(x);
    }
}
