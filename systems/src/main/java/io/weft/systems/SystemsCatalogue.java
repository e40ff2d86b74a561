package io.weft.systems;

import io.weft.config.Catalogue;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Section;
import io.weft.systems.aidotnet.AidotnetTypes;
import io.weft.systems.allattention.AllattentionTypes;
import io.weft.systems.bert.BertTypes;
import io.weft.systems.crossvit.CrossvitTypes;
import io.weft.systems.diffusers.DiffusersTypes;
import io.weft.systems.film.FilmTypes;
import io.weft.systems.fusionlab.FusionlabTypes;
import io.weft.systems.hip.HipTypes;
import io.weft.systems.perceiver.PerceiverTypes;
import io.weft.systems.retro.RetroTypes;
import io.weft.systems.selfdoc.SelfDocTypes;
import io.weft.systems.transformer.TransformerTypes;
import java.util.ArrayList;
import java.util.List;

/** Every class of this module that a config may name; one list per family. */
public final class SystemsCatalogue implements Catalogue {
  @Override
  public List<Section> sections() {
    return List.of(Section.of(Configurable.class, null, this));
  }

  @Override
  public List<Entry<?>> rows(String module) {
    List<Entry<?>> all = new ArrayList<>();
    all.addAll(AidotnetTypes.all());
    all.addAll(DiffusersTypes.all());
    all.addAll(AllattentionTypes.all());
    all.addAll(CrossvitTypes.all());
    all.addAll(FilmTypes.all());
    all.addAll(FusionlabTypes.all());
    all.addAll(BertTypes.all());
    all.addAll(HipTypes.all());
    all.addAll(PerceiverTypes.all());
    all.addAll(RetroTypes.all());
    all.addAll(SelfDocTypes.all());
    all.addAll(TransformerTypes.all());
    return all;
  }
}
