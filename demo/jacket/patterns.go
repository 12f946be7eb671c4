package jacket

import "math"

// patterns are drawn over the whole jacket, after its ground is painted.
var patterns = []func(p *painter, d *dice){scales, quarters, lozenges, triangles, petals, stars, chevrons, rings}

// grid calls paint with the centre, the column and the row of each cell of a grid, which is a bit larger than the jacket.
func grid(cell float64, paint func(x, y float64, column, row int)) {
	for row := range int(Height/cell) + 2 {
		for column := range int(Width/cell) + 2 {
			paint((float64(column)+0.5)*cell, (float64(row)+0.5)*cell, column, row)
		}
	}
}

// scales draws scales that overlap like those of a fish.
func scales(p *painter, d *dice) {
	const cell = 50.0
	colors := pick(d, [][]shade{
		{p.colors.light, p.colors.ground, p.colors.accent, p.colors.ground},
		{p.colors.ground, p.colors.second, p.colors.ground, p.colors.light},
		{p.colors.accent, p.colors.deep, p.colors.light, p.colors.deep},
	})
	for row := range 2*Height/int(cell) + 2 {
		for i, r := range []float64{25, 21, 14, 10} {
			for column := range Width/int(cell) + 2 {
				p.disc((float64(column)+0.5*float64(row%2))*cell, float64(row)*cell/2, r)
			}
			p.fill(colors[i])
		}
	}
}

// quarters are quarters of discs in square cells, turned at random.
func quarters(p *painter, d *dice) {
	const cell = 200.0 / 3
	for _, color := range []shade{p.colors.accent, p.colors.second, p.colors.light, p.colors.deep} {
		grid(cell, func(x, y float64, _, _ int) {
			if quadrant := d.roll(4); d.roll(3) == 0 {
				p.quarter(x-cell/2+cell*float64((quadrant+1)/2%2), y-cell/2+cell*float64(quadrant/2), cell, quadrant)
			}
		})
		p.fill(color)
	}
}

// lozenges draws lozenges, one inside the other.
func lozenges(p *painter, d *dice) {
	width, height := 40.0, 60.0
	if d.roll(2) == 0 {
		width, height = 50, 50
	}
	for i, color := range []shade{p.colors.second, p.colors.ground, p.colors.accent} {
		r := 0.5 - 0.15*float64(i)
		for row := range int(2*Height/height) + 2 {
			for column := range int(Width/width) + 2 {
				x, y := (float64(column)+0.5*float64(row%2))*width, float64(row)*height/2
				p.polygon(x, y-r*height, x+r*width, y, x, y+r*height, x-r*width, y)
			}
		}
		p.fill(color)
	}
}

// triangles fills half of most cells with a triangle in a random colour.
func triangles(p *painter, d *dice) {
	const cell = 50.0
	turned := d.roll(2)
	for _, color := range []shade{p.colors.deep, p.colors.second, p.colors.accent, p.colors.light} {
		grid(cell, func(x, y float64, column, row int) {
			if d.roll(3) > 0 {
				return
			}
			l, t, r, b := x-cell/2, y-cell/2, x+cell/2, y+cell/2
			if (column+row*turned)%2 == 0 {
				p.polygon(l, t, r, t, l, b)
			} else {
				p.polygon(r, t, r, b, l, t)
			}
		})
		p.fill(color)
	}
}

// petals draws flowers of four leaves.
func petals(p *painter, d *dice) {
	const cell = 400.0 / 6
	colors := pick(d, [][]shade{{p.colors.light, p.colors.accent}, {p.colors.second, p.colors.light}, {p.colors.accent, p.colors.light}})
	grid(cell, func(x, y float64, _, _ int) {
		l, t, r, b := x-cell/2, y-cell/2, x+cell/2, y+cell/2
		p.leaf(x, y, l, t, 0.42)
		p.leaf(x, y, r, t, 0.42)
		p.leaf(x, y, r, b, 0.42)
		p.leaf(x, y, l, b, 0.42)
	})
	p.fill(colors[0])
	grid(cell, func(x, y float64, _, _ int) {
		p.disc(x, y, 5)
		p.disc(x-cell/2, y-cell/2, 5)
	})
	p.fill(colors[1])
}

// stars draws stars, large and small ones in turn.
func stars(p *painter, d *dice) {
	const cell = 50.0
	points := 4 + 2*d.roll(3)
	for parity, color := range []shade{p.colors.accent, p.colors.light} {
		grid(cell, func(x, y float64, column, row int) {
			if (column+row)%2 == parity {
				size := 20.0 - 9*float64(parity)
				p.star(x, y, size, size*0.4, points)
			}
		})
		p.fill(color)
	}
}

// chevrons are zigzag stripes.
func chevrons(p *painter, d *dice) {
	colors := []shade{p.colors.deep, p.colors.accent, p.colors.ground, p.colors.second, p.colors.ground, p.colors.light}
	height, width := 22.0+float64(d.roll(3))*6, 400.0/float64(3+d.roll(4))
	for row := range int(Height/height) + 6 {
		top := float64(row-4) * height
		var upper, lower []float64
		for i := range int(2*Width/width) + 3 {
			x, y := float64(i)*width/2, top+float64(i%2)*width/2
			upper = append(upper, x, y)
			lower = append([]float64{x, y + height}, lower...)
		}
		p.polygon(append(upper, lower...)...)
		p.fill(colors[row%len(colors)])
	}
}

// rings draws rings around a point, like waves.
func rings(p *painter, d *dice) {
	x, y := float64(d.roll(Width)), float64(d.roll(Height))
	colors := []shade{p.colors.accent, p.colors.deep, p.colors.light, p.colors.ground, p.colors.second, p.colors.ground}
	width := 20 + float64(d.roll(3))*6
	n := int(math.Hypot(Width, Height)/width) + 1
	for i, color := range colors {
		for ; i < n; i += len(colors) {
			p.ring(x, y, float64(i+1)*width, float64(i)*width)
		}
		p.fill(color)
	}
}
