package dev.latente.diffusion;

import java.util.Arrays;

/** Timesteps of a distilled model: some of those that its teacher's solver stepped through (Luo et al. 2023, section 4.3). */
final class DistilledTimesteps {
    private DistilledTimesteps() {}

    /** The last timestep of each of n equal parts of the training, ascending. */
    static int[] every(int stride, int n) {
        int[] timesteps = new int[n];
        Arrays.setAll(timesteps, i -> (i + 1) * stride - 1);
        return timesteps;
    }

    static int[] all(int n) {
        int[] timesteps = new int[n];
        Arrays.setAll(timesteps, i -> i);
        return timesteps;
    }

    /**
     * Evenly spread over the first part, of size {@code strength}, of the teacher's; or the last part of custom ones.
     *
     * @throws IllegalArgumentException if the teacher has too few
     */
    static double[] of(SchedulerConfig config, Steps steps, int[] teacher) {
        int n = steps.count();
        double strength = steps.teacher().strength();
        if (!steps.timesteps().isEmpty()) {
            return steps.timesteps().stream()
                    .mapToDouble(t -> t)
                    .skip(n - Math.min((int) (n * strength), n))
                    .toArray();
        }
        int used = (int) (teacher.length * strength);
        if (used < n) {
            throw new IllegalArgumentException(
                    "%s: steps: got [%d], wanted at most [%d] of the teacher's".formatted(config.className(), n, used));
        }
        double[] timesteps = new double[n];
        double stride = (double) used / n;
        Arrays.setAll(timesteps, i -> teacher[used - 1 - (int) Math.floor(i * stride)]);
        return timesteps;
    }
}
