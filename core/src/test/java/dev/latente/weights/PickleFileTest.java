package dev.latente.weights;

import static dev.latente.weights.PickleBytes.good;
import static dev.latente.weights.PickleBytes.pickle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PickleFileTest {
    private Path folder;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsAPlainDict() throws IOException {
        try (PickleFile file = open(good())) {
            assertThat(file.dict()).isEmpty();
            assertThat(file.tensors().get("w")).isEqualTo(new TensorInfo("w", "F32", List.of(4L), 16));
            assertThat(values(file, "w")).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void viewsAreLaidOutInOrder() throws IOException {
        PickleBytes p = pickle().op('}').op('(');
        p.text("transposed").tensor("0", 4, 0, new long[] {2, 2}, 1, 2);
        p.text("column").tensor("0", 4, 1, new long[] {2}, 2);
        p.text("repeated").tensor("0", 4, 3, new long[] {3}, 0);
        p.text("scalar").tensor("0", 4, 2, new long[0]);
        p.text("empty").tensor("0", 4, 4, new long[] {0, 7}, 7, 1);
        try (PickleFile file = open(p.op('u'))) {
            assertThat(values(file, "transposed")).containsExactly(1, 3, 2, 4);
            assertThat(values(file, "column")).containsExactly(2, 4);
            assertThat(values(file, "repeated")).containsExactly(4, 4, 4);
            assertThat(values(file, "scalar")).containsExactly(3);
            assertThat(values(file, "empty")).isEmpty();
            assertThat(file.keys()).containsExactly("transposed", "column", "repeated", "scalar", "empty");
        }
    }

    @Test
    void bytesOfAStorageCanHaveAnotherDtype() throws IOException {
        PickleBytes p = pickle().op('}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v3")
                .op('(')
                .op('(');
        p.text("storage")
                .global("torch.storage", "UntypedStorage")
                .text("0")
                .text("cpu")
                .number(16)
                .op('t')
                .op('Q');
        p.view(3, new long[] {1}, 1)
                .global("torch", "float8_e4m3fn")
                .op('t')
                .op('R')
                .op('s');
        try (PickleFile file = open(p)) {
            Scopes.run(() -> {
                Tensor w = file.tensor("w");
                assertThat(Ops.dtype(w)).isEqualTo(DType.F8_E4M3);
                assertThat(Ops.bytes(w)).containsExactly(0x3f);
            });
        }
    }

    @Test
    void anUnknownNameIsAllowedAsLongAsItStaysAName() throws IOException {
        PickleBytes p = pickle().op('}').op('(');
        p.text("callbacks")
                .op('}')
                .global("pytorch_lightning.callbacks", "ModelCheckpoint")
                .op('N')
                .op('s');
        p.text("score").global("numpy.core.multiarray", "scalar").op('(').call("numpy", "dtype", "f8");
        p.op(')').op('b').call("_codecs", "encode", "\u0000", "latin1").op('t').op('R');
        p.text("global_step")
                .number(470_000)
                .text("state_dict")
                .op('}')
                .text("w")
                .weight()
                .op('s');
        try (PickleFile file = open(p.op('u'))) {
            assertThat(file.dict()).containsExactly("state_dict");
            assertThat(file.metadata()).containsOnlyKeys("global_step").containsEntry("global_step", "470000");
            assertThat(values(file, "w")).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void theCallerMayChooseTheDict() throws IOException {
        PickleBytes p = pickle().op('}').op('(');
        p.text("model").op('}').text("w").weight().op('s');
        p.text("model_ema")
                .op('}')
                .text("w")
                .tensor("0", 4, 2, new long[] {2}, 1)
                .op('s')
                .op('u');
        Path path = write(ZipBytes.checkpoint(p.stop()).bytes());
        try (PickleFile model = PickleFile.open(path);
                PickleFile ema = PickleFile.open(path, List.of("model_ema"))) {
            assertThat(model.dict()).containsExactly("model");
            assertThat(values(ema, "w")).containsExactly(3, 4);
        }
        assertThatThrownBy(() -> PickleFile.open(path, List.of("optimizer")))
                .isInstanceOf(WeightsException.class)
                .hasMessageEndingWith("has no dict at [optimizer]");
    }

    @Test
    void stateOfAnOrderedDictIsIgnored() throws IOException {
        PickleBytes p =
                pickle().call("collections", "OrderedDict").text("w").weight().op('s');
        p.op('}').text("_metadata").call("collections", "OrderedDict").op('s').op('b');
        try (PickleFile file = open(p)) {
            assertThat(file.keys()).containsExactly("w");
        }
    }

    @Test
    void readsProtocol4() throws IOException {
        byte[] body = new PickleBytes()
                .op('}')
                .op(0x94)
                .text("w")
                .op(0x94)
                .weight()
                .op('s')
                .stop();
        PickleBytes p = new PickleBytes().op(0x80, 4).op(0x95).int8(body.length).raw(body);
        try (PickleFile file =
                PickleFile.open(write(ZipBytes.checkpoint(p.bytes()).bytes()))) {
            assertThat(values(file, "w")).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void readsZip64AndDescriptors() throws IOException {
        ZipBytes zip = ZipBytes.checkpoint(good().stop());
        zip.wide = true;
        ZipBytes.Entry storage = zip.entry(2);
        storage.flags = 0x0808;
        storage.localCrc = 0;
        storage.localSize = 0;
        storage.behind = new byte[24];
        storage.size = 0xffff_ffffL;
        storage.extra = new PickleBytes().op(1, 0, 16, 0).int8(16).int8(16).bytes();
        try (PickleFile file = PickleFile.open(write(zip.bytes()))) {
            assertThat(values(file, "w")).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void aMissingKeyAndAWrongShapeAreNamed() throws IOException {
        try (PickleFile file = open(good())) {
            assertThatThrownBy(() -> file.tensor("v")).hasMessageEndingWith("tensor [v]: is missing");
            assertThatThrownBy(() -> file.get("w", 2, 2)).hasMessageContaining("has shape [4], wanted [2, 2]");
        }
    }

    @Test
    void aFileThatShrankIsNotMapped() throws IOException {
        Path path = write(ZipBytes.checkpoint(good().stop()).bytes());
        try (PickleFile file = PickleFile.open(path)) {
            Files.write(path, new byte[10]);
            assertThatThrownBy(() -> file.tensor("w")).hasMessageContaining("when it was opened, now 10");
        }
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertThatThrownBy(() -> PickleFile.open(folder)).isInstanceOf(WeightsException.class);
        assertThatThrownBy(() -> PickleFile.open(folder.resolve("none.ckpt"))).isInstanceOf(WeightsException.class);
    }

    private PickleFile open(PickleBytes pickle) throws IOException {
        return PickleFile.open(write(ZipBytes.checkpoint(pickle.stop()).bytes()));
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("model.ckpt"), bytes);
    }

    private static float[] values(PickleFile file, String key) {
        return Scopes.within(() -> Ops.floats(file.tensor(key)));
    }
}
