"""What all loads share: the options, the images, and what is made of them once."""
import functools, os

from lib import image, ours
from lib.boot import IMAGE_MIB
from lib.noise import Patience

SETTLE_MIB = 192    # an image of its own brings a new process to speed before it is measured cold
IMAGE, SETTLE = "bench@1", "settle@1"


class Bench:
    """Everything is made when a load first asks for it, in the bench's place."""

    def __init__(self, options, place, say, save):
        self.options, self.place, self.say, self.save = options, place, say, save
        self.delay_ms, self.patience = options.delay_ms, Patience(options.patience)
        self.warm_mib = min(options.warm_mib, IMAGE_MIB)

    @property
    def rounds(self):
        return self.options.rounds

    @functools.cached_property
    def image(self):
        """The raw image, in the page cache."""
        self.say(f"making an image of {IMAGE_MIB} MiB")
        path = self.place.path("image.raw")
        image.make_image(path, IMAGE_MIB)
        image.into_page_cache(path)
        return path

    @functools.cached_property
    def library(self):
        """A directory that is our image center, with the image imported."""
        settle = self.place.path("settle.raw")
        image.make_image(settle, SETTLE_MIB, seed=2, boots=False)
        images = {IMAGE: self.image, SETTLE: settle}
        self.say("importing it")
        return ours.Library(self.place, images).directory

    @functools.cached_property
    def web_root(self):
        """A directory for a web server: image.raw for the peers, center/ for ours."""
        root = self.place.path("web")
        os.mkdir(root)
        os.symlink(self.image, os.path.join(root, "image.raw"))
        os.symlink(self.library, os.path.join(root, "center"))
        return root
