package dev.latente.tensor;

import org.bytedeco.pytorch.Tensor;

/** How the weights of linear maps and convolutions lie in memory. */
public enum WeightLayout {
    /** As every operation takes them, gradients included. */
    PLAIN,
    /** As the kernels of this processor read them, for inference alone; plain where there are none, as on a GPU. */
    PREPARED;

    /** weight [out,in] in this layout; itself where it stays as it is. */
    public Tensor linear(Tensor weight) {
        return prepares(weight) ? OneDnn.linearWeight(weight) : weight;
    }

    /** weight [out,in,k,k] in this layout, for convolutions of that stride and padding. */
    public Tensor conv(Tensor weight, long stride, long padding) {
        Tensor channelsLast = Ops.channelsLast(weight);
        return prepares(weight) ? OneDnn.convWeight(channelsLast, stride, padding) : channelsLast;
    }

    /** Whether a weight is laid out anew. */
    public boolean prepares(Tensor weight) {
        return prepares(Ops.dtype(weight), Ops.device(weight));
    }

    /** Whether weights of that dtype, on that device, are. */
    public boolean prepares(DType dtype, Device device) {
        return this == PREPARED && device.equals(Device.CPU) && OneDnn.runs(dtype);
    }
}
