#!/usr/bin/env bash
# One tier over four GPUs of a Slurm cluster: sbatch ci/examples/slurm_array.sh --tier 2 --model DIR
# Every task makes its part; the task that finds all of them finished can be replaced by a dependent job, as the last lines show.
# $OUT must be a folder that all nodes see. A task that was killed is submitted again as it is: --resume goes on where it stopped.
#SBATCH --job-name=wan-eval
#SBATCH --array=1-4
#SBATCH --gres=gpu:1
#SBATCH --time=01:00:00
set -euo pipefail
OUT=${OUT:-runs/shards}

# The status of a part is that of its own cells: the verdict that counts is the merged run's.
wan-eval --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --device cuda --out "$OUT" --resume --exit-zero "$@"

# Afterwards, once:
#   job=$(sbatch --parsable ci/examples/slurm_array.sh --tier 2 --model DIR)
#   sbatch --dependency=afterok:"$job" --wrap 'wan-eval gate "$(wan-eval merge runs/shards/2*/ --out runs)"'
