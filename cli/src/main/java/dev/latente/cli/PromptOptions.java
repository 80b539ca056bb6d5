package dev.latente.cli;

import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Prompt;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to draw, beside the prompt itself. */
final class PromptOptions {
    @Option(
            names = {"-n", "--negative"},
            paramLabel = "TEXT")
    @Nullable
    String negative;

    @Option(names = "--prompt-2", paramLabel = "TEXT")
    @Nullable
    String second;

    @Option(names = "--negative-2", paramLabel = "TEXT")
    @Nullable
    String secondNegative;

    @Option(names = "--prompt-3", paramLabel = "TEXT")
    @Nullable
    String third;

    @Option(names = "--negative-3", paramLabel = "TEXT")
    @Nullable
    String thirdNegative;

    @Option(names = "--t5-tokens", paramLabel = "N")
    @Nullable
    Integer t5Tokens;

    @Option(names = "--clip-skip", paramLabel = "N", defaultValue = "0")
    int clipSkip;

    @Option(names = "--syntax", paramLabel = "NAME", defaultValue = "WEIGHTED")
    Prompt.Syntax syntax = Prompt.Syntax.WEIGHTED;

    @Option(names = "--original-size", paramLabel = "WxH")
    @Nullable
    String original;

    @Option(names = "--target-size", paramLabel = "WxH")
    @Nullable
    String target;

    @Option(names = "--crop", paramLabel = "TOP,LEFT", defaultValue = "0,0")
    String crop = "0,0";

    @Option(names = "--negative-original-size", paramLabel = "WxH")
    @Nullable
    String negativeOriginal;

    @Option(names = "--negative-target-size", paramLabel = "WxH")
    @Nullable
    String negativeTarget;

    @Option(names = "--negative-crop", paramLabel = "TOP,LEFT")
    @Nullable
    String negativeCrop;

    @Option(names = "--aesthetic-score", paramLabel = "N", defaultValue = "6")
    double score = 6;

    @Option(names = "--negative-aesthetic-score", paramLabel = "N", defaultValue = "2.5")
    double negativeScore = 2.5;

    Prompt of(String text) {
        Prompt.ForT5 t5 = new Prompt.ForT5(third, thirdNegative, t5Tokens == null ? 0 : t5Tokens);
        return new Prompt(text, negative, second, secondNegative, t5, clipSkip, syntax);
    }

    Request.Conditions micro() {
        Micro positive = new Micro(size(original), crop(crop), size(target), score);
        Micro other = new Micro(
                negativeOriginal == null ? positive.original() : size(negativeOriginal),
                negativeCrop == null ? positive.crop() : crop(negativeCrop),
                negativeTarget == null ? positive.target() : size(negativeTarget),
                negativeScore);
        return new Request.Conditions(positive, other);
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        ModelOptions.add(out, "--clip-skip", clipSkip);
        ModelOptions.add(out, "--syntax", syntax);
        ModelOptions.add(out, "--crop", crop);
        ModelOptions.add(out, "--negative", negative);
        ModelOptions.add(out, "--prompt-2", second);
        ModelOptions.add(out, "--negative-2", secondNegative);
        ModelOptions.add(out, "--prompt-3", third);
        ModelOptions.add(out, "--negative-3", thirdNegative);
        ModelOptions.add(out, "--t5-tokens", t5Tokens);
        ModelOptions.add(out, "--original-size", original);
        ModelOptions.add(out, "--target-size", target);
        ModelOptions.add(out, "--negative-original-size", negativeOriginal);
        ModelOptions.add(out, "--negative-target-size", negativeTarget);
        ModelOptions.add(out, "--negative-crop", negativeCrop);
        ModelOptions.add(out, "--aesthetic-score", score);
        ModelOptions.add(out, "--negative-aesthetic-score", negativeScore);
        return out;
    }

    private static @Nullable Size size(@Nullable String text) {
        return text == null ? null : Size.parse(text);
    }

    private static Micro.Crop crop(String text) {
        try {
            String[] parts = text.split(",", -1);
            return new Micro.Crop(Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("crop: got [%s], wanted TOP,LEFT such as 0,64".formatted(text), e);
        }
    }
}
