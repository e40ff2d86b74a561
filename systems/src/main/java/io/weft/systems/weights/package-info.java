/** Weights from elsewhere: names and layouts of PyTorch's state dicts, and files that hold them. */
package io.weft.systems.weights;
