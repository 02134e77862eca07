"""The loads, in the order in which they run."""
from loads.boot import Boot
from loads.clones import Clones
from loads.cold import Cold
from loads.cost import Cost
from loads.encrypted import Encrypted
from loads.hydrate import Hydrate
from loads.scan import Scan
from loads.soak import Soak
from loads.storm import Storm
from loads.warm import Warm
from loads.write import Write
from loads.zipf import Zipf

LOADS = (Warm, Write, Clones, Boot, Cold, Cost, Encrypted, Hydrate, Zipf, Scan, Storm, Soak)
