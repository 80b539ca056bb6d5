package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.pipelines.Chain;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Progress;
import dev.latente.pipelines.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Prompts that refine the picture one after the other. */
final class ChainOptions {
    @Option(names = "--then", paramLabel = "PROMPT", arity = "1")
    List<String> then = new ArrayList<>();

    @Option(names = "--then-strength", paramLabel = "S", defaultValue = "0.6")
    double strength = 0.6;

    /** What became of a picture, step by step; nothing where no step was asked for. */
    List<Chain.Link> refine(
            Checkpoint checkpoint, Request request, PromptOptions prompts, Picture first, Progress progress) {
        List<Chain.Step> steps = then.stream()
                .map(text -> new Chain.Step(prompts.of(text), strength))
                .toList();
        return new Chain(checkpoint).refine(request, first, steps, progress);
    }

    /** The record of a chain, for people and programs. */
    static List<Map<String, Object>> record(List<Chain.Link> links) {
        List<Map<String, Object>> out = new ArrayList<>();
        for (Chain.Link link : links) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("prompt", link.step().prompt().text());
            entry.put("strength", link.step().strength());
            entry.put("ssim", Math.round(link.ssim() * 10000) / 10000.0);
            out.add(entry);
        }
        return out;
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        then.forEach(text -> ModelOptions.add(out, "--then", text));
        if (!then.isEmpty()) {
            ModelOptions.add(out, "--then-strength", strength);
        }
        return out;
    }
}
