#!/bin/sh
# Whether a picture that is enlarged in tiles is the one that is enlarged whole, with the seconds and the peak memory of both.
#   benchmarks/upscale.sh MODEL PICTURE [DTYPE [TILE]]
# Needs Linux: its /usr/bin/time counts the memory.
set -eu
model=$1
picture=$2
dtype=${3:-fp32}
tile=${4:-256}
here=$(dirname -- "$0")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for side in "$tile" 0; do
  /usr/bin/time -f '%e seconds from the shell, %M KB at the peak' \
    "$here/../latente" upscale "$picture" --model "$model" --dtype "$dtype" --tile "$side" --json --output "$out/$side.png"
done

cat >"$out/Difference.java" <<'JAVA'
class Difference {
    public static void main(String[] files) throws Exception {
        var a = javax.imageio.ImageIO.read(new java.io.File(files[0]));
        var b = javax.imageio.ImageIO.read(new java.io.File(files[1]));
        int worst = 0;
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                int p = a.getRGB(x, y);
                int q = b.getRGB(x, y);
                for (int shift = 0; shift < 24; shift += 8) {
                    worst = Math.max(worst, Math.abs((p >> shift & 255) - (q >> shift & 255)));
                }
            }
        }
        System.out.println("largest difference: " + worst + " of 255");
    }
}
JAVA
"${JAVA_HOME:+$JAVA_HOME/bin/}java" "$out/Difference.java" "$out/$tile.png" "$out/0.png"
