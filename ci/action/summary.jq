# The summary of a step, from report.json: how many cases have which verdict, then each that is not as it should
# be. What targets are called and what servers said is text that others chose, so that Markdown and HTML get it
# escaped.

def text: gsub("[\r\n|]"; " ") | gsub("(?<mark>[*_`\\[\\]\\\\])"; "\\" + .mark) | @html;

[.targets[].cases[].verdict.is] as $all
| ($all | unique) as $kinds
| [.targets[] | .name as $target | .cases[]
   | select(.verdict.is | IN("fail", "warning", "inconclusive", "unexpected-pass"))
   | "\(.verdict.is) \(.case) on \($target): \(.verdict.violations[0].summary? // .verdict.reason? // "")"
   | gsub("[\r\n]"; " ") | @html] as $wrong
| (.targets[] | select(.unavailable != null) | "**\(.name | text)** could not be judged: \(.unavailable | text)\n"),
  if $all != [] then
    "| target | " + ($kinds | join(" | ")) + " |",
    "|---|" + ($kinds | map("---:|") | join("")),
    (.targets[] | [.cases[].verdict.is] as $its
      | [(.name | text), ($kinds[] as $kind | [$its[] | select(. == $kind)] | length)]
      | "| " + (map(tostring) | join(" | ")) + " |")
  else empty end,
  if $wrong != [] then
    "\n<pre>" + ($wrong[:50] | join("\n"))
    + (if ($wrong | length) > 50 then "\n.. and \(($wrong | length) - 50) more, in report.txt" else "" end)
    + "</pre>"
  else empty end,
  (.targets[] | .name as $target | .["ledger-problems"][]
    | "\n- the ledger of \($target | text): `\(.pattern | gsub("[`\r\n]"; " "))` \(.problem | text)")
