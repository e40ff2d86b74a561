package io.weft.engine.kernel;

/** The numbers of a step of Adam; see {@link ElementKernel#adam}. */
public record AdamRates(float rate1, float rate2, float alpha, float epsilon) {}
