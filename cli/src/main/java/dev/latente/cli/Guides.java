package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlNetCheckpoint;
import dev.latente.pipelines.IpAdapterCheckpoint;
import dev.latente.pipelines.Size;
import dev.latente.pipelines.T2IAdapterCheckpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The networks of a command that see pictures. */
record Guides(List<ControlNetCheckpoint> nets, List<T2IAdapterCheckpoint> adapters, List<IpAdapterCheckpoint> seers)
        implements AutoCloseable {
    /** Nothing yet. */
    Guides() {
        this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    /** Says of each picture that it will be stretched, if it will; pictures decide on the size where nothing else does. */
    static void sayStretched(List<Control> controls, @Nullable Size given, Console console) {
        if (controls.isEmpty()) {
            return;
        }
        Picture first = controls.get(0).picture();
        int[] own = VaeImages.size(first, controls.get(0).net().unit());
        Size size = given == null ? new Size(own[0], own[1]) : given;
        for (Control control : controls) {
            Picture p = control.picture();
            double ratio = (double) p.width() * size.height() / ((double) p.height() * size.width());
            if (Math.abs(Math.log(ratio)) > 0.05) {
                console.say(Main.message(
                        "control.stretched",
                        p.width(),
                        p.height(),
                        size.width(),
                        size.height(),
                        p.width(),
                        p.height()));
            }
        }
    }

    @Override
    public void close() {
        nets.forEach(ControlNetCheckpoint::close);
        adapters.forEach(T2IAdapterCheckpoint::close);
        seers.forEach(IpAdapterCheckpoint::close);
    }
}
