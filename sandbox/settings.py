"""What can be switched while the practice internet runs, and its clock."""

from dataclasses import dataclass


@dataclass
class Switches:
    """Read at the moment of use, so a change acts at once."""

    seed: int
    speed: float  # practice seconds per real second
    ambient: bool
    readers: bool
    authentication: bool
    complaint_address: str = ""  # empty: complaint reports go to the return path

    def real_s(self, practice_s: float) -> float:
        return practice_s / self.speed
