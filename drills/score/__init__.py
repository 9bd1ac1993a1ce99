"""The score: a pure function of script, log, observations and profile. See `drills.score.total`."""

from drills.score.expected import Expected, of_incident, of_script
from drills.score.observations import Observations
from drills.score.profile import Profile, profile, profiles
from drills.score.sheet import Line, Mark, Part, Rating
from drills.score.total import Score, score

__all__ = [
    "Expected",
    "Line",
    "Mark",
    "Observations",
    "Part",
    "Profile",
    "Rating",
    "Score",
    "of_incident",
    "of_script",
    "profile",
    "profiles",
    "score",
]
