/**
 * Hugging Face's safetensors files, to and from {@link io.weft.tensor.HostArray}: a JSON header and
 * plain numbers, nothing that could run.
 */
package io.weft.serialization.safetensors;
