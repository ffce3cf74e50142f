"""What a wiki writes of its own around what papers say: authors named, and sentences on no one's authority."""

__all__ = ["FOREIGN", "NAMED", "REPORTED", "TRANSITIONS"]

TRANSITIONS = (
    "Several authors have addressed this question.",
    "Further results have been published since then.",
    "The evidence remains limited.",
    "There is no consensus on this point.",
    "More recent data are given below.",
    "This page is updated as new studies appear.",
    "Opinions differ, and we follow the local protocol.",
    "In our department this is discussed case by case.",
    "The following reports are of interest.",
    "See also the page on complications.",
)
NAMED = (
    "{name} et al. found that {rest}",
    "{name} et al. reported that {rest}",
    "{name} et al. ({year}) showed that {rest}",
    "{name} and colleagues observed that {rest}",
    "In {year}, {name} et al. reported that {rest}",
    "In the series of {name} et al., {rest}",
    "In the series of {name} and colleagues, {rest}",
    "{name} ({year}) described that {rest}",
    "According to {name} et al., {rest}",
    "{name}'s group found that {rest}",
    "{name} et al. published their experience. {whole}",
    "{name} reported that {rest}",
)
FOREIGN = (
    "In contrast to {name} et al., {rest}",
    "Unlike the series of {name} and colleagues, {rest}",
    "As previously reported by {name} et al., {rest}",
    "Compared with the results of {name} ({year}), {rest}",
)
REPORTED = (
    "{name} et al. reported that {rest}",
    "{name} reported that {rest}",
    "{name} and colleagues found that {rest}",
    "{name} ({year}) found that {rest}",
)
