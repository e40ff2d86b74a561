package io.weft.systems.diffusers;

import io.weft.tensor.Tensor;

/**
 * What one step of a scheduler gives.
 *
 * @param sample the sample at the previous, less noisy step
 * @param original the image without noise as predicted at this step; null where a scheduler has no
 *     such prediction
 */
public record SchedulerStep(Tensor sample, Tensor original) {}
