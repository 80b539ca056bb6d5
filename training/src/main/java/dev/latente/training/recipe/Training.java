package dev.latente.training.recipe;

/** What a recipe trains, with the settings that belong to it alone. */
public sealed interface Training permits VaeTraining, TaesdTraining, ClipTraining, UNetTraining, TuningTraining {
    /** Loads and makes what is needed to begin. */
    Learner learner(Recipe recipe, TrainingData data);
}
