/**
 * The latent diffusion family after Hugging Face's diffusers: attention and its processors, the
 * conditional U-Net of Stable Diffusion, and the schedulers that turn a noise prediction into
 * images. Weights have the original's names; see {@link io.weft.systems.weights.StateDict}.
 */
package io.weft.systems.diffusers;
