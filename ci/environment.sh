# Sourced by the scripts beside it: where things are kept, and how the tree is configured and built.
# Each of WAN_CACHE, WAN_DATA_DIR, LIBTORCH_ROOT and CCACHE_DIR may be set by the user beforehand.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export WAN_CACHE=${WAN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wan-eval}
export WAN_DATA_DIR=${WAN_DATA_DIR:-$WAN_CACHE/data}
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
[ -z "${CI:-}" ] || export NINJA_STATUS=${NINJA_STATUS-"[%f/%t %es] "}

# Beside other programs libgomp's threads wait for each other by spinning, milliseconds at each barrier: tests then take many times as long.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-5000}

say() { printf 'ci/%s: %s\n' "${0##*/}" "$*" >&2; }
# An infrastructure fault (exit 3): one sentence, and the command that goes on from there.
give_up() {
  say "$1"
  say "then repeat: ${WAN_REPEAT:-$0}"
  exit 3
}

# Sets LIBTORCH_ROOT and WAN_NVIDIA_ROOT from the virtual environment, unless the user's own LibTorch is named.
find_libtorch() {
  local site
  for site in "$WAN_CACHE"/venv/lib/python3*/site-packages; do
    [ -d "$site/torch/lib" ] && export LIBTORCH_ROOT=${LIBTORCH_ROOT:-$site/torch}
    [ -d "$site/nvidia/cu13" ] && export WAN_NVIDIA_ROOT=$site/nvidia/cu13
  done
  [ -n "${LIBTORCH_ROOT:-}" ]
}

# configure <preset>: only if the build folder is new or other folders were chosen; what else changes, ninja sees by itself.
configure() {
  local cache=$root/build/$1/CMakeCache.txt
  find_libtorch || give_up "there is no LibTorch in $WAN_CACHE/venv: run ci/bootstrap"
  if [ ! -f "$root/build/$1/build.ninja" ] || ! grep -qxF "LIBTORCH_ROOT:PATH=$LIBTORCH_ROOT" "$cache" ||
    ! grep -qxF "WAN_DATA_DIR:PATH=$WAN_DATA_DIR" "$cache"; then
    cmake -S "$root" --preset "$1" --fresh -DLIBTORCH_ROOT="$LIBTORCH_ROOT" -DWAN_DATA_DIR="$WAN_DATA_DIR"
  fi
}

# build <preset> [target...]
build() {
  local preset=$1
  shift
  cmake --build "$root/build/$preset" ${1:+--target "$@"}
}

# prepare_data <preset>: LPIPS's weights from the pickles that ci/bootstrap fetched, by a program of that build.
prepare_data() {
  local trunk weights pickle
  for trunk in alex vgg; do
    weights=$WAN_DATA_DIR/lpips_$trunk.safetensors pickle=$WAN_DATA_DIR/lpips_$trunk.pickle
    [ ! -f "$weights" ] || continue
    build "$1" wan_prepare_lpips && "$root/build/$1/bin/wan-prepare-lpips" "$pickle" "$weights.part" >&2 && mv "$weights.part" "$weights" && rm "$pickle" || return
  done
}
