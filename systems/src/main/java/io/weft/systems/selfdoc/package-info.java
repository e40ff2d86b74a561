/** The cross-modality encoder of SelfDoc (Li et al. 2021). */
package io.weft.systems.selfdoc;
