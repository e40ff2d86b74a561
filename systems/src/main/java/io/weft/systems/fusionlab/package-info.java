/**
 * Layers, losses, heads and forecasting models of fusionlab (earthai-tech), with its configs and
 * weight names; where the original has a defect the right thing is the default.
 */
package io.weft.systems.fusionlab;
