package jacket

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// painter draws shapes with smooth edges on a jacket.
type painter struct {
	img      *image.RGBA
	colors   palette
	path     vector.Rasterizer
	contours [][]float64 // of the shapes to fill; each is the coordinates x, y, x, y and so on of a polygon
}

func newPainter(colors palette) *painter {
	return &painter{img: image.NewRGBA(image.Rect(0, 0, Width*scale, Height*scale)), colors: colors}
}

// polygon adds a polygon to the shapes to fill, from the coordinates x, y, x, y and so on.
func (p *painter) polygon(xy ...float64) { p.contours = append(p.contours, xy) }

// fill fills the shapes that were added, and forgets them. It rasterizes only the rectangle around them, because most shapes
// are small.
func (p *painter) fill(color shade) {
	covered := p.bounds()
	p.path.Reset(covered.Dx(), covered.Dy())
	for _, xy := range p.contours {
		for i := 0; i < len(xy); i += 2 {
			x, y := float32(xy[i]*scale-float64(covered.Min.X)), float32(xy[i+1]*scale-float64(covered.Min.Y))
			if i == 0 {
				p.path.MoveTo(x, y)
			} else {
				p.path.LineTo(x, y)
			}
		}
		p.path.ClosePath()
	}
	p.path.Draw(p.img, covered, image.NewUniform(color.rgba()), image.Point{})
	p.contours = p.contours[:0]
}

// bounds returns the smallest rectangle, in pixels, that contains all points of the shapes to fill, clipped to the
// jacket.
func (p *painter) bounds() image.Rectangle {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, xy := range p.contours {
		for i := 0; i < len(xy); i += 2 {
			left, right = min(left, xy[i]), max(right, xy[i])
			top, bottom = min(top, xy[i+1]), max(bottom, xy[i+1])
		}
	}
	down := func(n float64) int { return int(math.Floor(n * scale)) }
	up := func(n float64) int { return int(math.Ceil(n * scale)) }
	return image.Rect(down(left), down(top), up(right), up(bottom)).Intersect(p.img.Bounds())
}

// arc adds the points of an arc to a list of coordinates. Angles are in radians, clockwise from the right.
func arc(xy []float64, x, y, r, from, to float64) []float64 {
	steps := 4 + int(math.Abs(to-from)*math.Sqrt(r)) // no line is more than an eighth of a unit off the arc
	for i := range steps + 1 {
		angle := from + (to-from)*float64(i)/float64(steps)
		xy = append(xy, x+r*math.Cos(angle), y+r*math.Sin(angle))
	}
	return xy
}

// disc adds a disc to the shapes to fill.
func (p *painter) disc(x, y, r float64) { p.polygon(arc(nil, x, y, r, 0, 2*math.Pi)...) }

// ring adds the area between two circles to the shapes to fill.
func (p *painter) ring(x, y, outer, inner float64) {
	p.disc(x, y, outer)
	p.polygon(arc(nil, x, y, inner, 2*math.Pi, 0)...)
}

// quarter adds a quarter of a disc to the shapes to fill. The centre of the disc is x, y. Quadrant 0 is the lower right, and
// the others follow clockwise.
func (p *painter) quarter(x, y, r float64, quadrant int) {
	from := float64(quadrant) * math.Pi / 2
	p.polygon(arc([]float64{x, y}, x, y, r, from, from+math.Pi/2)...)
}

// leaf adds a leaf from one point to another to the shapes to fill. The width is relative to the length.
func (p *painter) leaf(x, y, toX, toY, width float64) {
	const steps = 12
	dx, dy := toX-x, toY-y
	var xy []float64
	for i := range 2 * steps {
		along, side := float64(i)/steps, width
		if i >= steps {
			along, side = 2-along, -width
		}
		bulge := side * 2 * along * (1 - along)
		xy = append(xy, x+dx*along-dy*bulge, y+dy*along+dx*bulge)
	}
	p.polygon(xy...)
}

// star adds a star to the shapes to fill.
func (p *painter) star(x, y, outer, inner float64, points int) {
	var xy []float64
	for i := range 2 * points {
		r, angle := outer, math.Pi*float64(i)/float64(points)-math.Pi/2
		if i%2 == 1 {
			r = inner
		}
		xy = append(xy, x+r*math.Cos(angle), y+r*math.Sin(angle))
	}
	p.polygon(xy...)
}

// rect fills a rectangle whose edges are rounded to whole pixels.
func (p *painter) rect(color shade, x, y, width, height float64) {
	round := func(n float64) int { return int(math.Round(n * scale)) }
	draw.Draw(p.img, image.Rect(round(x), round(y), round(x+width), round(y+height)), image.NewUniform(color.rgba()), image.Point{}, draw.Src)
}

// border draws a frame inside the edges of a rectangle.
func (p *painter) border(color shade, x, y, width, height, thickness float64) {
	p.polygon(x, y, x+width, y, x+width, y+height, x, y+height)
	x, y, width, height = x+thickness, y+thickness, width-2*thickness, height-2*thickness
	p.polygon(x, y, x, y+height, x+width, y+height, x+width, y)
	p.fill(color)
}

// circle fills a circle.
func (p *painter) circle(color shade, x, y, r float64) {
	p.disc(x, y, r)
	p.fill(color)
}

// diamond fills a square that stands on one of its corners.
func (p *painter) diamond(color shade, x, y, r float64) {
	p.polygon(x, y-r, x+r, y, x, y+r, x-r, y)
	p.fill(color)
}

// hills draws layers of hills or waves, from the horizon to the bottom.
func (p *painter) hills(d *dice, layers []shade, horizon float64) {
	step := (Height - horizon) / float64(len(layers))
	for i, color := range layers {
		top := horizon + step*float64(i)
		height, length, phase := float64(14+d.roll(22)), float64(90+d.roll(160)), float64(d.roll(628))/100
		amplitude := 1.35 * height
		xy := []float64{0, top + amplitude}
		for x := 0.0; x <= Width; x += 4 {
			xy = append(xy, x, top+height*(math.Sin(x/length*2+phase)+0.35*math.Sin(x/length*5+2*phase)))
		}
		p.polygon(append(xy, Width, top+amplitude)...)
		p.fill(color)
		p.rect(color, 0, math.Floor(top+amplitude), Width, Height)
	}
}
