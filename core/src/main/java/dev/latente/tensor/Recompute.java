package dev.latente.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Gradient checkpointing (Chen et al. 2016, section 3): of a block of a model only its inputs are kept, and what happened
 * inside is computed again on the way back, for a third more time. Without a training step around it, a block just runs.
 *
 * <p>The output of a block becomes a leaf. When the way back from the loss has reached all leaves that stand behind a block,
 * the gradient of its output is known, and it is the block's turn: the last one first.
 */
public final class Recompute {
    private static final ThreadLocal<Recompute> STEP = new ThreadLocal<>();

    private final Arena arena = new Arena();
    private final List<Tensor> left = new ArrayList<>();
    private final Deque<Runnable> wayBack = new ArrayDeque<>();
    private final IdentityHashMap<Tensor, Tensor> leaves = new IdentityHashMap<>();

    private Recompute() {}

    /** Makes a training step whose blocks are computed again when {@code body} calls {@link Autograd#backward(Tensor)}. */
    public static <T> T within(Supplier<T> body) {
        Recompute step = new Recompute();
        STEP.set(step);
        try {
            return body.get();
        } finally {
            STEP.remove();
            step.arena.close();
            step.left.forEach(Scopes::release);
        }
    }

    /**
     * Runs a block: a function of its inputs and of weights, which gives the same when it is computed again.
     *
     * @param inputs all tensors that a gradient is to reach, other than weights
     */
    public static Tensor run(Function<List<Tensor>, Tensor> block, Tensor... inputs) {
        Recompute step = STEP.get();
        return step == null ? block.apply(List.of(inputs)) : step.record(block, inputs);
    }

    /** Frees tensors: now, or after a step that goes back through blocks that need them. */
    static void release(List<Tensor> tensors) {
        Recompute step = STEP.get();
        if (step == null) {
            tensors.forEach(Scopes::release);
        } else {
            step.left.addAll(tensors);
        }
    }

    /** Goes back from the loss, then through the blocks of the step that this thread is in, if it is in one. */
    static void backward(Tensor loss) {
        Recompute step = STEP.get();
        if (step == null) {
            loss.backward();
            return;
        }
        // Paths are kept, because a tensor that went into a block may be used outside of blocks, too.
        Autograd.backward(loss, null, true);
        STEP.remove();
        try {
            while (!step.wayBack.isEmpty()) {
                Scopes.run(step.wayBack.pop());
            }
        } finally {
            STEP.set(step);
        }
    }

    private Tensor record(Function<List<Tensor>, Tensor> block, Tensor... inputs) {
        List<Tensor> from = Arrays.stream(inputs).map(this::leaf).toList();
        STEP.remove(); // a block inside of a block is a part of it
        try {
            // Recorded, so that operations do the same as on the way back; the record dies with the scope.
            Tensor y = arena.own(() -> {
                Tensor result = block.apply(from);
                return result.requires_grad() ? result.detach().set_requires_grad(true) : new Tensor(result);
            });
            if (y.requires_grad()) {
                wayBack.push(() -> back(y, () -> block.apply(from)));
            }
            return new Tensor(y); // the caller's own, to be closed as it likes
        } finally {
            STEP.set(this);
        }
    }

    /** A leaf of that value, whose gradient goes on to x when all that uses the leaf has gone back. */
    private Tensor leaf(Tensor x) {
        Tensor kept = arena.own(() -> new Tensor(x));
        if (!x.requires_grad() || x.is_leaf()) {
            return kept;
        }
        return leaves.computeIfAbsent(x, key -> {
            Tensor leaf = arena.own(() -> kept.detach().set_requires_grad(true));
            wayBack.push(() -> back(leaf, () -> kept));
            return leaf;
        });
    }

    /** Continues the gradient of a leaf in what the leaf stands for. */
    private static void back(Tensor leaf, Supplier<Tensor> original) {
        Tensor gradient = leaf.grad();
        if (gradient.defined()) {
            Autograd.backward(original.get(), gradient, true);
            leaf.mutable_grad().reset();
        }
    }
}
