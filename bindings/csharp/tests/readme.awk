# readme.awk - writes each C# program of a README into a file of its own: PREFIX1.cs, PREFIX2.cs.
#
#     awk -v prefix=PREFIX -f readme.awk README.md
/^```cs$/ { count++; file = prefix count ".cs"; next }
/^```$/ { file = "" }
file { print > file }
