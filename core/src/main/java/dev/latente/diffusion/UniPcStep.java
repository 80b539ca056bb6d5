package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * UniP and UniC: x_t = a·x - c·(φ₁·m₀ + B(h)·Σ ρₖ·Dₖ), with Dₖ the divided differences of the model outputs and ρ such that
 * the order conditions hold (Zhao et al. 2023, equations 3 and 8).
 */
final class UniPcStep {
    private final HalfLogSnr[] levels;
    private final boolean predictX0;
    private final boolean bh1;

    /** B(h) is h if {@code bh1}, else e^h - 1. */
    UniPcStep(HalfLogSnr[] levels, boolean predictX0, boolean bh1) {
        this.levels = levels;
        this.predictX0 = predictX0;
        this.bh1 = bh1;
    }

    /** From level i to the next; {@code m} the outputs at level i and before, newest first, as many as the order. */
    Tensor predict(int i, Tensor x, List<Tensor> m) {
        float[] r = ratios(i, m.size());
        return step(i, x, m, r, weights(i, r));
    }

    /** The same step again, now that the output at its end is known. */
    Tensor correct(int i, Tensor x, List<Tensor> m, Tensor end) {
        float[] r = Arrays.copyOf(ratios(i, m.size()), m.size());
        r[m.size() - 1] = 1;
        float[] rho = weights(i, r);
        Tensor next = step(i, x, m, r, rho);
        return Ops.addScaled(next, end.sub(m.get(0)), -scale(i) * (b(i) * rho[m.size() - 1]));
    }

    private Tensor step(int i, Tensor x, List<Tensor> m, float[] r, float[] rho) {
        HalfLogSnr s = levels[i];
        HalfLogSnr t = levels[i + 1];
        float a = predictX0 ? t.sigma() / s.sigma() : t.alpha() / s.alpha();
        Tensor next = Ops.combine(a, x, -scale(i) * Fp32.expm1(k(i)), m.get(0));
        for (int j = 1; j < m.size(); j++) {
            Tensor d = Ops.div(m.get(j).sub(m.get(0)), r[j - 1]);
            next = Ops.addScaled(next, d, -scale(i) * b(i) * rho[j - 1]);
        }
        return next;
    }

    /** Where the earlier outputs lie, in units of the step; all negative. */
    private float[] ratios(int i, int order) {
        float s = levels[i].lambda();
        float[] r = new float[order - 1];
        for (int j = 1; j < order; j++) {
            r[j - 1] = (levels[i - j].lambda() - s) / (levels[i + 1].lambda() - s);
        }
        return r;
    }

    /** Solves Σₖ ρₖ·rₖ^(n-1) = n!·φₙ₊₁/B for n = 1, 2, …; a single weight is ½ at any step size. */
    private float[] weights(int i, float[] r) {
        int n = r.length;
        if (n <= 1) {
            return new float[] {0.5f};
        }
        double[][] rows = new double[n][n + 1];
        float k = k(i);
        float phi = Fp32.expm1(k) / k - 1;
        float factorial = 1;
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                rows[row][column] = (float) Math.pow(r[column], row);
            }
            rows[row][n] = phi * factorial / b(i);
            factorial *= row + 2;
            phi = phi / k - 1 / factorial;
        }
        return solve(rows);
    }

    /** Gaussian elimination with pivots; each row ends with its right-hand side. */
    private static float[] solve(double[][] rows) {
        int n = rows.length;
        for (int p = 0; p < n; p++) {
            int column = p;
            Arrays.sort(rows, p, n, (u, v) -> Double.compare(Math.abs(v[column]), Math.abs(u[column])));
            for (int row = 0; row < n; row++) {
                double factor = row == p ? 0 : rows[row][p] / rows[p][p];
                for (int j = p; j <= n; j++) {
                    rows[row][j] -= factor * rows[p][j];
                }
            }
        }
        float[] x = new float[n];
        for (int p = 0; p < n; p++) {
            x[p] = (float) (rows[p][n] / rows[p][p]);
        }
        return x;
    }

    /** Exponent of the φ functions: -h for the picture, h for the noise. */
    private float k(int i) {
        float h = levels[i + 1].lambda() - levels[i].lambda();
        return predictX0 ? -h : h;
    }

    private float b(int i) {
        return bh1 ? k(i) : Fp32.expm1(k(i));
    }

    private float scale(int i) {
        return predictX0 ? levels[i + 1].alpha() : levels[i + 1].sigma();
    }
}
