package dev.latente.pipelines;

import dev.latente.weights.lora.LoraScale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a prompt says about LoRAs: {@code <lora:name>}, {@code <lora:name:0.8>}, {@code <lora:name:TEXT:UNET>}, with
 * {@code te=}, {@code unet=} and {@code lbw=} behind them, and {@code <lyco:…>} for the same. AUTOMATIC1111's notation.
 *
 * @param prompt without them
 * @param tags in their order; a name that is there twice counts twice
 */
public record LoraTags(Prompt prompt, List<Tag> tags) {
    private static final Pattern TAG = Pattern.compile("<(?:lora|lyco):([^:<>]+)((?::[^:<>]*)*)>");

    /** A LoRA by name, and how strongly it changes what. */
    public record Tag(String name, LoraScale scale) {}

    public LoraTags {
        tags = List.copyOf(tags);
    }

    /**
     * Takes the tags out of what a picture shows; the negative texts stay as they are, and so does a plain prompt.
     *
     * @throws IllegalArgumentException if a scale is no number
     */
    public static LoraTags of(Prompt prompt) {
        if (prompt.syntax() == Prompt.Syntax.PLAIN) {
            return new LoraTags(prompt, List.of());
        }
        List<Tag> tags = new ArrayList<>();
        Prompt.ForT5 t5 = prompt.t5();
        Prompt rest = new Prompt(
                without(prompt.text(), tags),
                prompt.negative(),
                prompt.second() == null ? null : without(prompt.second(), tags),
                prompt.secondNegative(),
                t5.text() == null ? t5 : new Prompt.ForT5(without(t5.text(), tags), t5.negative(), t5.tokens()),
                prompt.clipSkip(),
                prompt.syntax());
        return new LoraTags(rest, tags);
    }

    /**
     * The files that are meant.
     *
     * @throws dev.latente.weights.WeightsException if the folder has none of a name
     */
    public List<LoadOptions.ScaledLora> in(LoraFolder folder) {
        return tags.stream()
                .map(tag -> new LoadOptions.ScaledLora(folder.find(tag.name), tag.scale))
                .toList();
    }

    private static String without(String text, List<Tag> tags) {
        Matcher m = TAG.matcher(text);
        StringBuilder rest = new StringBuilder();
        boolean found = false;
        while (m.find()) {
            found = true;
            List<String> arguments = m.group(2).isEmpty()
                    ? List.of()
                    : Arrays.asList(m.group(2).substring(1).split(":", -1));
            tags.add(new Tag(m.group(1).strip(), LoraScale.parse(arguments)));
            m.appendReplacement(rest, "");
        }
        m.appendTail(rest);
        // The space on one side of a tag goes with it.
        return found ? rest.toString().replaceAll(" {2,}", " ").strip() : text;
    }
}
