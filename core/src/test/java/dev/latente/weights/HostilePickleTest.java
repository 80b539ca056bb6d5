package dev.latente.weights;

import static dev.latente.weights.PickleBytes.good;
import static dev.latente.weights.PickleBytes.named;
import static dev.latente.weights.PickleBytes.pickle;
import static dev.latente.weights.PickleBytes.state;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Pickles that would run something, exhaust something or point outside of their storages. */
class HostilePickleTest {
    /** What published malicious checkpoints and the bypasses of scanners have called. */
    private static final String CALLABLES = """
            os.system posix.system nt.system os.popen os.execv os.spawnv os.remove os.kill shutil.rmtree sys.exit
            builtins.eval builtins.exec builtins.compile builtins.getattr builtins.setattr builtins.__import__ builtins.open
            builtins.map builtins.globals __builtin__.eval __builtin__.execfile __builtin__.apply __builtin__.file
            subprocess.Popen subprocess.call subprocess.run subprocess.check_output subprocess.getoutput commands.getoutput
            runpy.run_path runpy._run_code pty.spawn webbrowser.open pydoc.pipepager pydoc.locate bdb.Bdb.run pdb.run
            code.interact codeop.compile_command timeit.timeit cProfile.run profile.run trace.Trace.run doctest.debug_script
            asyncio.create_subprocess_shell asyncio.unix_events._UnixSubprocessTransport._start
            operator.attrgetter operator.methodcaller operator.itemgetter functools.partial functools.reduce
            importlib.import_module imp.load_source zipimport.zipimporter pkgutil.resolve_name pip.main ensurepip._run_pip
            venv.create pickle.loads _pickle.loads pickle.load marshal.loads dill.loads joblib.load shelve.open cloudpickle.loads
            types.FunctionType types.CodeType types.MethodType ctypes.CDLL ctypes.memmove _ctypes.dlopen cffi.FFI
            socket.create_connection http.client.HTTPSConnection httplib.HTTPSConnection urllib.request.urlretrieve
            requests.api.get aiohttp.client.ClientSession smtplib.SMTP ftplib.FTP logging.config.listen
            multiprocessing.util.spawnv_passfds multiprocessing.Process distutils.file_util.write_file
            lib2to3.pgen2.grammar.Grammar.loadGrammar uuid._get_command_stdout platform._syscmd_file tempfile._sanitize_params
            numpy.testing._private.utils.runstring numpy.f2py.crackfortran.myeval numpy.load numpy.fromfile
            numpy.core.multiarray.fromfile numpy.lib.npyio.load numpy.distutils.exec_command.exec_command
            torch.load torch.hub.load torch.jit.load torch.serialization.load torch.ops.load_library torch.classes.load_library
            torch.utils.collect_env.run torch.utils._config_module.ConfigModule.load_config
            torch.utils.bottleneck.__main__.run_cprofile torch.utils.data.datapipes.utils.decoder.basichandlers
            torch._dynamo.guards.GuardBuilder.get torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression
            torch._inductor.codecache.compile_file torch.multiprocessing.spawn torch.package.PackageImporter
            torch._utils._rebuild_tensor_v4 torch._utils._import_dotted_name torch._tensor._rebuild_from_type_v2
            transformers.dynamic_module_utils.get_class_from_dynamic_module keras.layers.Lambda tensorflow.io.read_file
            collections.namedtuple collections.OrderedDict.fromkeys _codecs.decode codecs.open copyreg._reconstructor
            __main__.Exploit io.FileIO _io.open pathlib.Path.write_text signal.alarm sqlite3.connect\
            """;

    private HostileFiles files;

    @BeforeEach
    void open(@TempDir Path folder) {
        files = new HostileFiles(folder);
    }

    @TestFactory
    Stream<DynamicTest> callables() {
        for (String name : CALLABLES.strip().split("\\s+")) {
            int dot = name.lastIndexOf('.');
            files.file(name + ".ckpt", files.reduce(name.substring(0, dot), name.substring(dot + 1)));
        }
        return files.rejections(100);
    }

    @TestFactory
    Stream<DynamicTest> waysToCall() {
        files.file(
                "stack-global.pt",
                named("os", "system").op('(').text(files.touch()).op('t').op('R'));
        files.file(
                "dotted.pt",
                named("torch", "_utils._rebuild_tensor_v2")
                        .op('(')
                        .text(files.touch())
                        .op('t')
                        .op('R'));
        files.file(
                "empty-module.pt",
                named("", "os.system").op('(').text(files.touch()).op('t').op('R'));
        files.file("inst.pt", pickle().op('(').text(files.touch()).op('i').raw("os\nsystem\n"));
        files.file(
                "obj.pt",
                pickle().op('(').global("os", "system").text(files.touch()).op('o'));
        files.file(
                "newobj.pt",
                pickle().global("subprocess", "Popen")
                        .op('(')
                        .text(files.touch())
                        .op('t')
                        .op(0x81));
        files.file(
                "newobj-of-known.pt",
                pickle().global("collections", "OrderedDict").op(')').op(0x81));
        files.file(
                "newobj-ex.pt",
                pickle().global("subprocess", "Popen").op(')').op('}').op(0x92));
        files.file(
                "build.pt",
                pickle().global("torch._utils", "_rebuild_tensor_v2")
                        .op('}')
                        .text("x")
                        .text("y")
                        .op('s')
                        .op('b'));
        files.file("build-tensor.pt", pickle().weight().op('}').op('b'));
        files.file(
                "memo.pt",
                pickle().global("os", "system")
                        .op('q', 7)
                        .op('0')
                        .op('h', 7)
                        .op('(')
                        .text(files.touch())
                        .op('t')
                        .op('R'));
        files.file(
                "popped.pt",
                files.reduce("os", "system").op('0').op('}').text("w").weight().op('s'));
        files.file("hidden-in-hooks.pt", hooks());
        files.file(
                "key.pt",
                pickle().op('}').call("os", "system", files.touch()).weight().op('s'));
        files.file(
                "call-of-call.pt",
                pickle().call("builtins", "getattr", "os")
                        .op('(')
                        .text(files.touch())
                        .op('t')
                        .op('R'));
        files.file(
                "call-of-text.pt",
                pickle().text("os.system").op('(').text(files.touch()).op('t').op('R'));
        files.file(
                "call-of-dict.pt",
                pickle().call("collections", "OrderedDict").op(')').op('R'));
        files.file(
                "call-of-storage.pt",
                pickle().global("torch", "FloatStorage")
                        .op('(')
                        .number(1L << 40)
                        .op('t')
                        .op('R'));
        files.file(
                "call-with-list.pt",
                pickle().global("collections", "OrderedDict").op(']').op('R'));
        files.file(
                "rebuild-of-global.pt",
                pickle().global("torch._utils", "_rebuild_tensor_v2")
                        .op('(')
                        .global("os", "system")
                        .view(0, new long[] {1}, 1)
                        .op('t')
                        .op('R'));
        files.file("rebuild-without-arguments.pt", pickle().call("torch._utils", "_rebuild_tensor_v2"));
        files.file("size-of-text.pt", pickle().call("torch", "Size", "a"));
        files.file("parameter-of-text.pt", pickle().call("torch._utils", "_rebuild_parameter", "a"));
        files.file(
                "dtype-unknown.pt",
                pickle().global("torch._utils", "_rebuild_tensor_v3")
                        .op('(')
                        .storage("FloatStorage", "0", 4)
                        .view(0, new long[] {1}, 1)
                        .global("os", "system")
                        .op('t')
                        .op('R'));
        files.file("storage-class.pt", pickle().storage("EvilStorage", "0", 4));
        files.file("persistent-text.pt", pickle().op('P').raw("os.system\n"));
        files.file(
                "persistent-module.pt",
                pickle().op('(').text("module").global("os", "system").op('t').op('Q'));
        files.file("persistent-empty.pt", pickle().op(')').op('Q'));
        files.file(
                "storage-two-ways.pt", pickle().storage("FloatStorage", "0", 4).storage("HalfStorage", "0", 4));
        files.file(
                "storage-view.pt",
                pickle().op('(')
                        .text("storage")
                        .global("torch", "FloatStorage")
                        .text("0")
                        .text("cpu")
                        .number(4)
                        .tuple(1, 2)
                        .op('t')
                        .op('Q'));
        for (int opcode = 0x82; opcode <= 0x84; opcode++) {
            files.file("extension-%x.pt".formatted(opcode), pickle().op(opcode).int4(1));
        }
        files.file("buffer.pt", pickle().op(0x97));
        byte[] second = files.reduce("os", "system").stop();
        files.file("second-pickle.pt", good().op('.').raw(second).op('0'));
        return files.rejections(35);
    }

    @TestFactory
    Stream<DynamicTest> opcodeBombs() {
        files.file("long4-negative.pt", pickle().op(0x8b).int4(-1));
        files.file("long4-huge.pt", pickle().op(0x8b).int4(Integer.MAX_VALUE));
        files.file("unicode-4gb.pt", pickle().op('X').int4(-1));
        files.file("unicode8-huge.pt", pickle().op(0x8d).int8(Long.MAX_VALUE));
        files.file("unicode8-negative.pt", pickle().op(0x8d).int8(-5));
        files.file("bytes8-huge.pt", pickle().op(0x8e).int8(1L << 60));
        files.file("bytes8-negative.pt", pickle().op(0x8e).int8(Long.MIN_VALUE));
        files.file("bytearray-huge.pt", pickle().op(0x96).int8(1L << 40));
        files.file("string-4gb.pt", pickle().op('T').int4(-1));
        files.file("frame-beyond.pt", pickle().op(0x95).int8(1L << 50));
        files.file("frame-negative.pt", pickle().op(0x95).int8(-1));
        files.file("memo-missing.pt", pickle().op('h', 3));
        files.file("memo-text-negative.pt", pickle().op('}').op('p').raw("-1\n"));
        files.file(
                "memo-huge.pt",
                pickle().op('}').op('r').int4(-1).op('0').op('j').int4(-2));
        files.file("self-reference.pt", pickle().op(']').op('q', 0).op('h', 0).op('a'));
        files.file(
                "dict-of-itself.pt",
                pickle().op('}').op('q', 0).text("state_dict").op('h', 0).op('s'));
        files.file(
                "key-is-cycle.pt",
                pickle().op(']')
                        .op('q', 0)
                        .op('h', 0)
                        .op('a')
                        .op('0')
                        .op('}')
                        .op('h', 0)
                        .op('h', 0)
                        .op('s'));
        files.file("deep-tuples.pt", repeat(pickle().op(')'), 200_000, 0x85));
        files.file("deep-marks.pt", repeat(pickle(), 200_000, '('));
        files.file("billion-laughs.pt", laughs(pickle().op(')'), 60));
        files.file(
                "billion-laughs-as-key.pt",
                laughs(pickle().op('}').op(')'), 60).op('}').op('s'));
        files.file("too-many-opcodes.pt", repeat(pickle(), 1_100_000, 'N', '0').op('}'));
        files.file("no-stop.pt", ZipBytes.checkpoint(pickle().op('}').bytes()).bytes());
        files.file("empty-pickle.pt", ZipBytes.checkpoint(new byte[0]).bytes());
        files.file("stop-alone.pt", pickle());
        files.file("pop-through-mark.pt", pickle().op('}').op('(').op('0'));
        files.file("no-mark.pt", pickle().op('t'));
        files.file("odd-items.pt", pickle().op('}').op('(').text("a").op('u'));
        files.file("append-to-tuple.pt", pickle().op(')').op('N').op('a'));
        files.file("set-in-list.pt", pickle().op(']').text("a").op('N').op('s'));
        files.file("protocol-6.pt", new PickleBytes().op(0x80, 6).op('}'));
        files.file("opcode-unknown.pt", pickle().op(0xff));
        files.file("not-utf8.pt", pickle().op('X').int4(2).op(0xc3, 0x28));
        files.file("integer-text.pt", pickle().op('I').raw("os\n"));
        files.file("integer-endless.pt", pickle().op('L').raw("9".repeat(100_000) + "\n"));
        files.file("float-text.pt", pickle().op('F').raw("x\n"));
        files.file("line-endless.pt", pickle().op('c').raw("a".repeat(100_000)));
        files.file("quotes-missing.pt", pickle().op('S').raw("'a\n"));
        return files.rejections(35);
    }

    @TestFactory
    Stream<DynamicTest> storageLies() {
        files.file("missing.bin", state("7", 4, 0, new long[] {4}, 1));
        files.file("traversal.bin", state("../data.pkl", 4, 0, new long[] {4}, 1));
        files.file("absolute.bin", state("/etc/passwd", 4, 0, new long[] {4}, 1));
        files.file("record-as-storage.bin", state("0/../0", 4, 0, new long[] {4}, 1));
        files.file("too-long.bin", state("0", 5, 0, new long[] {4}, 1));
        files.file("negative-length.bin", state("0", -4, 0, new long[] {4}, 1));
        files.file("length-overflow.bin", state("0", Long.MAX_VALUE / 2, 0, new long[] {4}, 1));
        files.file("size-beyond.bin", state("0", 4, 0, new long[] {5}, 1));
        files.file("stride-beyond.bin", state("0", 4, 0, new long[] {2, 2}, 3, 1));
        files.file("offset-beyond.bin", state("0", 4, 4, new long[] {1}, 1));
        files.file("offset-beyond-empty.bin", state("0", 4, 5, new long[] {0}, 1));
        files.file("offset-negative.bin", state("0", 4, -1, new long[] {1}, 1));
        files.file("size-negative.bin", state("0", 4, 0, new long[] {-1}, 1));
        files.file("sizes-negative.bin", state("0", 4, 0, new long[] {-2, -2}, 2, 1));
        files.file("stride-negative.bin", state("0", 4, 3, new long[] {4}, -1));
        files.file("rank-differs.bin", state("0", 4, 0, new long[] {2, 2}, 1));
        files.file("rank-65.bin", state("0", 4, 0, new long[65], new long[65]));
        files.file("size-overflow.bin", state("0", 4, 0, new long[] {1L << 62, 8}, 8, 1));
        files.file("stride-overflow.bin", state("0", 4, 0, new long[] {3, 2}, 1L << 62, 1));
        files.file("offset-overflow.bin", state("0", 4, Long.MAX_VALUE, new long[] {4}, 1));
        files.file("broadcast-bomb.bin", state("0", 4, 0, new long[] {1L << 40}, 0));
        files.file("broadcast-overflow.bin", state("0", 4, 0, new long[] {1L << 40, 1L << 40}, 0, 0));
        files.file(
                "size-is-text.bin",
                pickle().global("torch._utils", "_rebuild_tensor_v2")
                        .op('(')
                        .storage("FloatStorage", "0", 4)
                        .number(0)
                        .op('(')
                        .text("4")
                        .op('t')
                        .tuple(1)
                        .op(0x89)
                        .op('N')
                        .op('t')
                        .op('R'));
        files.file("key-is-number.bin", pickle().op('}').number(3).weight().op('s'));
        return files.rejections(24);
    }

    private PickleBytes hooks() {
        return pickle().op('}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("FloatStorage", "0", 4)
                .number(0)
                .tuple(4)
                .tuple(1)
                .op(0x89)
                .call("os", "system", files.touch())
                .op('t')
                .op('R')
                .op('s');
    }

    /** Each level holds the one below four times. */
    private static PickleBytes laughs(PickleBytes out, int levels) {
        for (int i = 0; i < levels; i++) {
            out.op('q', i)
                    .op('0')
                    .op('(')
                    .op('h', i)
                    .op('h', i)
                    .op('h', i)
                    .op('h', i)
                    .op('t');
        }
        return out;
    }

    private static PickleBytes repeat(PickleBytes out, int times, int... opcodes) {
        for (int i = 0; i < times; i++) {
            out.op(opcodes);
        }
        return out;
    }
}
