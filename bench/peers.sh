#!/usr/bin/env bash
# Measures Weft beside its peers and prints the tables of docs/performance.md.
#
#   bench/peers.sh BENCH ENVS OUT.json [peers.py options]
#
# BENCH: a writable copy of the benchmark folder (its README says how models, exports, calib and machine.json are
# made; models in BENCH/M). ENVS: a folder with one Python environment per engine: tf, torch, ort, litert, openvino.
# Peers whose environment or class path is not there are left out. JAVA17 and JAVA25 name the two JDKs' homes; without
# them java is taken for both. The jar is built by JAVA25, so that it holds the machine code; NO_BUILD=1 takes the one
# there is. Rows are added to OUT.json; a second call with other options completes it. Example:
#   bench/peers.sh ../bench ~/envs out.json --workloads W1,W2 --modes predict,train --threads 1,2 --rounds 3
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd); bench=$(cd "$1" && pwd); envs=$(cd "$2" && pwd); out=$(realpath "$3"); shift 3
[ -n "${NO_BUILD:-}" ] ||
  (cd "$here" && JAVA_HOME=${JAVA25:-${JAVA_HOME:-}} mvn -B -ntp -q -Dquick package -pl cli,bench -am -DskipTests >&2)
classes=$here/bench/target/classes:$here/cli/target/weft.jar
python3 - "$bench/peers.json" "$out.peers.json" <<'P'
import json, sys
c = json.load(open(sys.argv[1]))
vector = ["--add-modules", "jdk.incubator.vector"]
for n in ("17", "25"):
    for v in (False, True):
        c["weft-" + n + ("-vector" if v else "")] = {"cmd": ["{java" + n + "}", *(vector if v else []), "-jar", "{weft}"],
                                                     "modes": ["predict", "train", "fit", "cold"]}
json.dump(c, open(sys.argv[2], "w"), indent=1)
P
peers=weft-17,weft-17-vector,weft-25,weft-25-vector; set_=()
for p in "tf keras-tf" "torch torch" "ort ort" "litert litert" "openvino openvino"; do
  read -r e names <<< "$p"
  [ -x "$envs/$e/bin/python" ] && { peers=$peers,$names; set_+=(--set "$e=$envs/$e/bin/python"); }
done
for p in "tfjava tfjava" "ort ort-java" "djl djl" "dl4j dl4j"; do
  read -r d names <<< "$p"
  [ -s "$bench/jvm/target/$d/cp.txt" ] && peers=$peers,$names
done
calib=(); [ -x "$bench/calib" ] && calib=(--calib "$bench/calib")
(cd "$bench" && python3 peers.py M --config "$out.peers.json" --peers "$peers" "${set_[@]}" "${calib[@]}" --cpus 1,0 \
  --set "weft=$here/cli/target/weft.jar" --set "java17=${JAVA17:+$JAVA17/bin/}java" --set "java25=${JAVA25:+$JAVA25/bin/}java" \
  --out "$out" --log "$out.log" "$@" >&2)
"${JAVA25:+$JAVA25/bin/}java" -cp "$classes" io.weft.bench.PeerTable "$out" "$bench/M/workloads.json" "$bench/machine.json" weft
