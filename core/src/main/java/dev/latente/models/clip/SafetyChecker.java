package dev.latente.models.clip;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/**
 * Says which pictures are near to concepts that should not be shown (Rando et al. 2022, "Red-Teaming the Stable Diffusion
 * Safety Filter", section 2). Keys as in diffusers' {@code StableDiffusionSafetyChecker}; thread-safe.
 */
public final class SafetyChecker {
    /** What a hit of special care adds to every score after it. */
    private static final float ADJUSTMENT = 0.01f;

    private final ClipVisionModel vision;
    private final Linear projection;
    private final Tensor concepts; // [n,d]
    private final Tensor conceptThresholds; // [n]
    private final Tensor special; // [m,d]
    private final Tensor specialThresholds; // [m]

    /**
     * What was seen in a picture: how far each cosine is above its threshold, to three decimals. A picture is unsafe if a
     * concept is above zero; special care only makes that likelier.
     */
    public record Scores(List<Float> concepts, List<Float> specialCare) {
        public Scores {
            concepts = List.copyOf(concepts);
            specialCare = List.copyOf(specialCare);
        }

        public boolean unsafe() {
            return !hits(concepts).isEmpty();
        }

        /** The concepts above zero, by number. */
        public List<Integer> unsafeConcepts() {
            return hits(concepts);
        }

        /** The concepts of special care above zero, by number. */
        public List<Integer> specialHits() {
            return hits(specialCare);
        }

        private static List<Integer> hits(List<Float> scores) {
            List<Integer> hits = new ArrayList<>();
            for (int i = 0; i < scores.size(); i++) {
                if (scores.get(i) > 0) {
                    hits.add(i);
                }
            }
            return hits;
        }
    }

    /**
     * Takes the weights.
     *
     * @param config of {@code config.json}: {@code vision_config} and {@code projection_dim}
     * @param concepts how many there are: 17 in the published one
     * @param special how many there are: 3 in the published one
     */
    public SafetyChecker(Params p, JsonNode config, long concepts, long special) {
        ClipVisionConfig shape = ClipVisionConfig.of(config);
        long d = config.path("projection_dim").asLong(768);
        vision = new ClipVisionModel(p.at("vision_model"), shape);
        projection = new Linear(p.at("visual_projection"), shape.size(), d, false);
        this.concepts = p.get("concept_embeds", concepts, d);
        this.special = p.get("special_care_embeds", special, d);
        conceptThresholds = p.get("concept_embeds_weights", concepts);
        specialThresholds = p.get("special_care_embeds_weights", special);
    }

    /** Pixels as {@link dev.latente.image.ClipImages} prepares them [B,3,H,W] -> the scores of each picture. */
    public List<Scores> forward(Tensor pixels) {
        Tensor embeds =
                Functional.unit(projection.forward(vision.forward(pixels).pooled())); // [B,d]
        float[] concept = margins(embeds, concepts, conceptThresholds);
        float[] care = margins(embeds, special, specialThresholds);
        int pictures = (int) pixels.size(0);
        List<Scores> out = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            float adjustment = 0;
            List<Float> specials = new ArrayList<>();
            for (int k = 0; k < care.length / pictures; k++) {
                float score = rounded(care[i * (care.length / pictures) + k] + adjustment);
                specials.add(score);
                adjustment = score > 0 ? ADJUSTMENT : adjustment;
            }
            List<Float> scores = new ArrayList<>();
            for (int k = 0; k < concept.length / pictures; k++) {
                scores.add(rounded(concept[i * (concept.length / pictures) + k] + adjustment));
            }
            out.add(new Scores(scores, specials));
        }
        return out;
    }

    private static float[] margins(Tensor embeds, Tensor anchors, Tensor thresholds) {
        return Ops.floats(embeds.matmul(Functional.unit(anchors).t()).sub(thresholds));
    }

    private static float rounded(float x) {
        return (float) (Math.rint(x * 1000.0) / 1000);
    }
}
