package dev.latente.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch;

/**
 * Where tensors live.
 *
 * @param type kind of device
 * @param index which one of its kind, from 0
 */
public record Device(Type type, int index) {
    public static final Device CPU = new Device(Type.CPU, 0);
    public static final Device META = new Device(Type.META, 0);

    /** Kinds of devices; {@code META} tensors have a shape and no data. */
    public enum Type {
        CPU,
        CUDA,
        MPS,
        META
    }

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:N} or {@code mps}. {@code auto} takes CUDA, then MPS, then
     * the CPU, as Accelerate does.
     *
     * @throws IllegalArgumentException if the name is not known or the device is not there
     */
    public static Device parse(String name) {
        String text = name.toLowerCase(Locale.ROOT).strip();
        if (text.equals("auto")) {
            return cudaCount() > 0 ? new Device(Type.CUDA, 0) : hasMps() ? new Device(Type.MPS, 0) : CPU;
        }
        if (text.equals("cpu")) {
            return CPU;
        }
        if (text.equals("mps")) {
            if (!hasMps()) {
                throw new IllegalArgumentException("device [mps] is not present: use cpu or auto");
            }
            return new Device(Type.MPS, 0);
        }
        if (text.equals("cuda") || text.matches("cuda:\\d{1,3}")) {
            int index = text.equals("cuda") ? 0 : Integer.parseInt(text.substring(5));
            int count = cudaCount();
            if (index >= count) {
                throw new IllegalArgumentException(
                        "device [%s] is not present (%d CUDA devices found): use cpu or auto%s"
                                .formatted(
                                        name,
                                        count,
                                        count == 0 ? ", or build with -Pcuda on a machine with an NVIDIA GPU" : ""));
            }
            return new Device(Type.CUDA, index);
        }
        throw new IllegalArgumentException("device [%s] is not known: use auto, cpu, cuda:N or mps".formatted(name));
    }

    public boolean isCpu() {
        return type == Type.CPU;
    }

    @Override
    public String toString() {
        return type == Type.CUDA ? "cuda:" + index : type.name().toLowerCase(Locale.ROOT);
    }

    /** The native device; made inside the current scope. */
    org.bytedeco.pytorch.Device handle() {
        return new org.bytedeco.pytorch.Device(toString());
    }

    private static int cudaCount() {
        return torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
    }

    private static boolean hasMps() {
        return torch.hasMPS();
    }
}
