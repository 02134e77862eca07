"""The loads, in the order in which they run."""
from loads.boot import Boot
from loads.clones import Clones
from loads.cold import Cold
from loads.warm import Warm
from loads.write import Write

LOADS = (Warm, Write, Clones, Boot, Cold)
