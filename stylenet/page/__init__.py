"""The page to play with, `stylenet app`: photographs, clips, and the class's gallery.

| module           | what stands in it                                                        |
|------------------|--------------------------------------------------------------------------|
| `server.py`      | the page as a whole, served until it is interrupted                      |
| `early.py`       | what is answered while Gradio is loaded                                  |
| `photographs.py` | the tab of photographs: one dropped, pasted or taken, and its drawing    |
| `clips.py`       | the tab of short clips                                                   |
| `doodles.py`     | the tab of doodles: a canvas, and its painting                           |
| `gallery.py`     | the tab of drawings that were hung up, in memory alone                   |
| `styles.py`      | the controls of a style, beside all tabs                                 |
| `wishes.py`      | what the controls ask for, as a stylizer                                 |
| `panels.py`      | Gradio's panels, whose pictures stay in the browser                      |
| `pictures.py`    | what browsers send: measured before it is decoded                        |
| `guard.py`       | where the page listens, who may ask for what, what stays on the disk     |

The server keeps no picture on the disk. What a browser uploads is read once and goes back into the
page as data, from where it comes again with every move of a slider; uploaded files are deleted
within a minute.
"""

import os

# Before Gradio is imported: it calls home otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
