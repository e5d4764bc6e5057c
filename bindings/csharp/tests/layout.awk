# layout.awk - makes a C program of streamkinect2.h that prints the size of each public structure and the place of each of its members.
#
#     awk -f layout.awk streamkinect2.h > layout.c
BEGIN { print "#include <stddef.h>\n#include <stdio.h>\n#include \"streamkinect2.h\"\n\nint main(void) {" }
/^typedef struct \{$/ { inside = 1; count = 0; next }
inside && /^  [a-z].*;$/ {
  name = $NF
  sub(/\[[0-9]+\]/, "", name)
  gsub(/[*;]/, "", name)
  members[count++] = name
}
inside && /^\} [a-z0-9_]+;$/ {
  type = $2
  sub(/;/, "", type)
  printf "  printf(\"%s %%zu\\n\", sizeof(%s));\n", type, type
  for (i = 0; i < count; i++)
    printf "  printf(\"%s %s %%zu\\n\", offsetof(%s, %s));\n", type, members[i], type, members[i]
  inside = 0
}
END { print "}" }
